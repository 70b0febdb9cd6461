// Behaviours of every page. Each is an addition: the pages work without any of them.
document.documentElement.dataset.scripts = "on";
