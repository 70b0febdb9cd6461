// Base maps for the pictures, made once at build: `node maps.mjs <folder>`. From Natural Earth, by world-atlas.
//
// europe.json: the countries of Europe as SVG paths, by ISO 3166-1 number, in one fixed projection.
// coast/<west>_<south>.json: land and borders in blocks of degrees, for the map of any region of Europe; the server
//   projects them (Mercator). coast/index.json names the blocks, and has points that d3 projected, as a test.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoConicConformal, geoIdentity, geoMercator, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";

const out = process.argv[2];
const atlas = (name) => JSON.parse(readFileSync(createRequire(import.meta.url).resolve(`world-atlas/${name}.json`)));
const write = (name, value) => writeFileSync(`${out}/${name}.json`, JSON.stringify(value));

/** Take the rings or lines that d3 draws. */
function lines(shape, projection) {
  const found = [];
  geoPath(projection, {
    moveTo: (x, y) => found.push([[x, y]]),
    lineTo: (x, y) => found.at(-1).push([x, y]),
    closePath: () => {},
    arc: () => {},
  })(shape);
  return found;
}

/** Round to whole units and leave out points nearer than `least` to the one before. */
function simplify(line, least) {
  const kept = [];
  line.forEach(([x, y], i) => {
    const point = [Math.round(x), Math.round(y)];
    const last = kept.at(-1);
    const far = !last || Math.hypot(point[0] - last[0], point[1] - last[1]) >= least;
    if (far || (i === line.length - 1 && (point[0] !== last[0] || point[1] !== last[1]))) kept.push(point);
  });
  return kept;
}

/** Steps from point to point: first the start, then differences. */
const steps = (line) => line.flatMap(([x, y], i) => (i ? [x - line[i - 1][0], y - line[i - 1][1]] : [x, y]));

const area = (ring) =>
  Math.abs(ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length];
    return sum + x * nextY - nextX * y;
  }, 0)) / 2;

/** The point of a ring that lies farthest from its border, on a grid: where a number is written. */
function middle(ring) {
  const [xs, ys] = [0, 1].map((axis) => ring.map((point) => point[axis]));
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const inside = ([x, y]) => ring.reduce((odd, [ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length];
    return ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay) ? !odd : odd;
  }, false);
  let [best, depth] = [[(west + east) / 2, (north + south) / 2], 0];
  for (let i = 1; i < 32; i += 1) {
    for (let j = 1; j < 32; j += 1) {
      const point = [west + ((east - west) * i) / 32, north + ((south - north) * j) / 32];
      const room = Math.min(...ring.map(([x, y]) => Math.hypot(x - point[0], y - point[1])));
      if (room > depth && inside(point)) [best, depth] = [point, room];
    }
  }
  return best.map(Math.round);
}

/** The parts of a multiple shape, each with its box. */
const parts = (type, all) => all.map((coordinates) => {
  const points = type === "Polygon" ? coordinates[0] : coordinates;
  const box = points.reduce(
    ([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
  return { shape: { type, coordinates }, box };
});

/** Natural Earth draws who holds the ground; by the law of nations, and to Norway, Crimea is of Ukraine. */
function returnCrimea(shapes) {
  const [russia, ukraine] = ["643", "804"].map((id) => shapes.find((each) => each.id === id).geometry);
  const isCrimea = ([ring]) => ring.every(([x, y]) => x > 32 && x < 37 && y > 44 && y < 46.5);
  const found = russia.coordinates.filter(isCrimea);
  russia.coordinates = russia.coordinates.filter((polygon) => !isCrimea(polygon));
  const whole = ukraine.type === "Polygon" ? [ukraine.coordinates] : ukraine.coordinates;
  Object.assign(ukraine, { type: "MultiPolygon", coordinates: [...whole, ...found] });
}

function europe(width, height) {
  const frame = { type: "MultiPoint", coordinates: [[-24, 63.5], [-10, 36], [28, 71.2], [33, 34.2], [14.4, 34.6], [41, 44]] };
  // The projection of ETRS89-LCC Europe (EPSG:3034): parallels 35° and 65° north, meridian 10° east.
  const projection = geoConicConformal().parallels([35, 65]).rotate([-10, 0]);
  projection.fitExtent([[12, 12], [width - 12, height - 12]], frame).clipExtent([[-9, -9], [width + 9, height + 9]]);
  const world = atlas("countries-50m");
  const countries = [];
  const shapes = feature(world, world.objects.countries).features;
  returnCrimea(shapes);
  for (const country of shapes) {
    const rings = lines(country, projection).map((ring) => simplify(ring, 2.4)).filter((ring) => ring.length > 2);
    if (!rings.length) continue;
    rings.sort((a, b) => area(b) - area(a));
    const whole = rings.filter((ring, i) => i === 0 || area(ring) > 9);
    const path = whole.map((ring) => `M${ring[0].join(" ")}l${steps(ring).slice(2).join(" ")}z`).join("").replaceAll(" -", "-");
    // Kosovo has no number of its own; what else has none is only drawn.
    const id = country.id ?? (country.properties.name === "Kosovo" ? "XK" : "");
    countries.push({ id, path, middle: middle(whole[0]), area: Math.round(area(whole[0])) });
  }
  write("europe", { width, height, countries });
}

/** A line that crosses the 180th meridian, of one piece on the plane: it does not run back around the world. */
function unwrap(line) {
  let turn = 0;
  const whole = line.map(([x, y], i) => {
    const step = i ? x - line[i - 1][0] : 0;
    turn += step > 180 ? -360 : step < -180 ? 360 : 0;
    return [x + turn, y];
  });
  const [west, east] = whole.reduce(([w, e], [x]) => [Math.min(w, x), Math.max(e, x)], [Infinity, -Infinity]);
  const shift = -360 * Math.round((west + east) / 720);
  return whole.map(([x, y]) => [x + shift, y]);
}

function coast([west, south, east, north], [wide, high], unit) {
  const world = atlas("countries-10m");
  const land = parts("Polygon", feature(world, world.objects.land).features.flatMap((each) => each.geometry.coordinates)
    .map((polygon) => polygon.map(unwrap)));
  const borders = parts("LineString", mesh(world, world.objects.countries, (a, b) => a !== b).coordinates.map(unwrap));
  const blocks = [];
  for (let x = west; x < east; x += wide) {
    for (let y = south; y < north; y += high) {
      const clip = geoIdentity().clipExtent([[x, y], [x + wide, y + high]]);
      const near = (box) => box[0] <= x + wide && box[2] >= x && box[1] <= y + high && box[3] >= y;
      const take = (shapes, least) => shapes.filter(({ box }) => near(box)).flatMap(({ shape }) => lines(shape, clip))
        .map((line) => line.map(([lon, lat]) => [lon / unit, lat / unit]))
        .map((line) => simplify(line, 3)).filter((line) => line.length >= least).map(steps);
      const block = { land: take(land, 3), borders: take(borders, 2) };
      if (!block.land.length) continue;
      blocks.push([x, y]);
      write(`coast/${x}_${y}`, block);
    }
  }
  const mercator = geoMercator().scale(1).translate([0, 0]);
  const samples = [[0, 0], [11.5, 64.01], [-9.14, 38.72], [-21.9, 64.13], [29, 41], [25.78, 71.17], [180, -60]];
  write("coast/index", {
    bounds: [west, south, east, north], step: [wide, high], unit, blocks,
    samples: samples.map((point) => [...point, ...mercator(point)]),
  });
}

mkdirSync(`${out}/coast`, { recursive: true });
europe(1000, 1000);
coast([-30, 30, 50, 82], [10, 4], 0.001);
