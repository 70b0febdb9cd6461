-- The search index, once its rows are there: faster than row by row.

CREATE UNIQUE INDEX thing_iri ON thing (iri);
CREATE INDEX thing_kind ON thing (kind);
CREATE INDEX label_thing ON label (thing, language);
CREATE INDEX name_key ON name (key, other, thing);
CREATE INDEX name_thing ON name (thing);
CREATE INDEX facet_value ON facet (name, value);
CREATE INDEX class_iri ON class (iri, thing);
CREATE INDEX class_thing ON class (thing);
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, col);
-- Without the signs of names (C++), which are app.search.folding.SIGNS.
INSERT INTO term SELECT rtrim(term, '＋＃．') AS plain, reverse(rtrim(term, '＋＃．')), sum(doc) FROM vocabulary
  WHERE col IN ('label', 'names') AND length(term) > 3 GROUP BY plain;
DROP TABLE temp.vocabulary;
CREATE INDEX term_reversed ON term (reversed);
ANALYZE;
