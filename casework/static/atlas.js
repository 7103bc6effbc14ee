// Draws a map from the numbers of a page's address: land, belief, sites, searches. Nothing is fetched from elsewhere.
"use strict";
(function () {
  const box = document.getElementById("map");
  if (!box) return;
  const word = box.dataset;
  const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = (...lines) => {
    const told = document.createElement("div");
    lines.forEach((line, k) => { const p = document.createElement(k ? "p" : "strong"); p.textContent = line; told.append(p); });
    return told;
  };

  fetch(word.layers, { credentials: "same-origin" })
    .then((answer) => { if (!answer.ok) throw new Error(answer.status); return answer.json(); })
    .then(draw)
    .catch(() => { box.textContent = word.failed; box.classList.add("failed"); });

  function draw(told) {
    const map = L.map(box, { preferCanvas: true, attributionControl: false, zoomSnap: 0.5, maxZoom: 15 });
    L.control.scale({ imperial: false }).addTo(map);
    const land = L.geoJSON(told.land, { interactive: false, style: { color: paint("--rule-2") || "#999", weight: 1, fillColor: paint("--paper-2") || "#f1eee6", fillOpacity: 1 } }).addTo(map);
    if (told.tiles) {
      L.tileLayer(word.tiles, { maxNativeZoom: told.tiles, maxZoom: 15 }).addTo(map);
      land.setStyle({ fillOpacity: 0 });
    }
    const shades = ["", "--belief-1", "--belief-2", "--belief-3", "--belief-4", "--belief-5"].map(paint);
    const belief = L.layerGroup().addTo(map);
    for (const [corners, shade, value] of told.blocks) {
      const one = L.polygon(corners, { stroke: false, fillColor: shades[shade], fillOpacity: 0.85 }).addTo(belief);
      one.bindTooltip(() => (word.ofOne ? (100 * value).toPrecision(2) + "% " + word.chance : value.toPrecision(2) + " " + word.expected), { sticky: true });
    }
    const searched = L.layerGroup();
    for (const one of told.searched) {
      L.geoJSON(one.shape, { style: { color: paint("--ink-3") || "#666", weight: 1.5, dashArray: "3 3", fill: false }, pointToLayer: (_f, at) => L.circleMarker(at, { radius: 6, color: paint("--ink-3"), weight: 1.5, dashArray: "3 3", fill: false }) })
        .bindTooltip(() => text(one.record, word.detection + " " + one.detection.toFixed(2))).addTo(searched);
    }
    const sites = L.layerGroup().addTo(map), plan = L.layerGroup().addTo(map);
    for (const site of told.sites) {
      const chosen = site.number > 0;
      const colour = paint(chosen ? "--belief-plan" : "--ink") || "#222";
      L.geoJSON(site.shape, { interactive: false, style: { color: colour, weight: 1, fill: false }, pointToLayer: (_f, at) => L.circle(at, { radius: 50, color: colour, weight: 1, fill: false }) }).addTo(chosen ? plan : sites);
      const middle = L.geoJSON(site.shape).getBounds().getCenter();
      const mark = L.circleMarker(middle, { radius: chosen ? 9 : 4, color: colour, weight: chosen ? 2 : 1.5, fillColor: paint("--paper") || "#fff", fillOpacity: 1 }).addTo(chosen ? plan : sites);
      if (chosen) mark.bindTooltip(String(site.number), { permanent: true, direction: "center", className: "digit" });
      const popup = text(site.name, site.id + ", " + site.state, site.expected.toFixed(2) + " " + word.expected);
      const link = document.createElement("a");
      link.href = site.url; link.textContent = site.id;
      popup.append(link);
      mark.bindPopup(popup);
    }
    L.control.layers(null, { [word.belief]: belief, [word.sites]: sites, [word.plan]: plan, [word.searched]: searched }, { collapsed: false }).addTo(map);
    const dark = told.blocks.filter((block) => block[1] >= (word.ofOne ? 1 : 2)).flatMap((block) => block[0]);
    if (word.ofPlan && plan.getLayers().length) { map.fitBounds(L.featureGroup(plan.getLayers()).getBounds().pad(0.4), { maxZoom: 11 }); return; }
    map.fitBounds(dark.length ? L.latLngBounds(dark).pad(0.1) : land.getBounds());
  }
})();
