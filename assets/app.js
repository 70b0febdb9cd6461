// Behaviours of every page. Each is an addition: the pages work without any of them.
import { copyFrom } from "./parts/copy.js";
import { foldOnNarrow } from "./parts/fold.js";
import { suggestIn } from "./parts/suggest.js";

document.documentElement.dataset.scripts = "on";
document.querySelectorAll("input[data-suggest]").forEach(suggestIn);
document.querySelectorAll("details.fold").forEach(foldOnNarrow);
document.querySelectorAll("pre[data-copy]").forEach(copyFrom);
