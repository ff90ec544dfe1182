// What moves by itself, and keys. Without this file everything is reached by links and forms.
"use strict";
(() => {
  const live = document.querySelector("[data-live]");
  const quick = 2000, slow = 10000;
  let stamp = "", failures = 0, timer = 0;

  // The same page's changing part. Marks and the place of the keyboard stay.
  const update = async () => {
    if (document.hidden || !live) return again(quick);
    try {
      const address = new URL(location.href);
      address.hash = "";
      address.searchParams.set("part", "1");
      const answer = await fetch(address, { headers: stamp ? { "If-None-Match": stamp } : {} });
      if (answer.status === 200) {
        stamp = answer.headers.get("ETag") || "";
        await replace(await answer.text());
      } else if (answer.status !== 304) {
        throw new Error(String(answer.status));
      }
      failures = 0;
      lost(false);
    } catch {
      failures += 1;
      lost(failures > 1);
    }
    again(live.querySelector(".running") && !failures ? quick : Math.min(slow, quick * (failures + 1)));
  };
  const again = (rest) => { clearTimeout(timer); timer = setTimeout(update, rest); };

  const replace = async (text) => {
    const next = document.createElement("div");
    next.innerHTML = text;
    // A picture is shown once it is there: nothing flickers.
    await Promise.all([...next.querySelectorAll("img")].map((img) => img.decode().catch(() => {})));
    const marked = new Set([...live.querySelectorAll("input:checked")].map((box) => box.value));
    for (const box of next.querySelectorAll("input[name=run]")) box.checked = marked.has(box.value);
    for (const open of live.querySelectorAll("details[open]")) {
      const same = [...next.querySelectorAll("details")].find((other) => label(other) === label(open));
      if (same) same.open = true;
    }
    const place = focusPlace();
    const parts = (of) => [...of.querySelectorAll("[data-part]")];
    const names = (of) => parts(of).map((part) => part.dataset.part).join();
    if (parts(live).length && names(live) === names(next)) {
      const old = parts(live);
      parts(next).forEach((part, at) => {
        if (part.innerHTML !== old[at].innerHTML && !part.querySelector("[data-part]")) old[at].replaceWith(part);
      });
    } else {
      live.replaceChildren(...next.childNodes);
    }
    place();
  };
  const label = (details) => details.querySelector("summary").textContent.replace(/\d+/g, "");
  const focusPlace = () => {
    const at = document.activeElement;
    if (!at || !live.contains(at)) return () => {};
    const key = at.getAttribute("href") || at.value;
    return () => {
      if (document.contains(at)) return;
      const same = [...live.querySelectorAll(at.tagName)].find((one) => (one.getAttribute("href") || one.value) === key);
      if (same) same.focus({ preventScroll: true });
    };
  };

  let notice = null;
  const lost = (is) => {
    if (is && !notice) {
      notice = document.createElement("p");
      notice.className = "lost";
      notice.setAttribute("role", "status");
      notice.textContent = "The program that serves this page does not answer.";
      document.body.append(notice);
    } else if (!is && notice) {
      notice.remove();
      notice = null;
    }
  };

  const KEYS = [["/", "to the filter"], ["j", "next row"], ["k", "row before"], ["Enter", "open the row"],
    ["x", "mark the row"], ["c", "compare the marked"], ["?", "these keys"], ["Esc", "close, leave the filter"]];
  let dialog = null;
  const help = () => {
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "Keys");
      const list = document.createElement("dl");
      for (const [key, what] of KEYS) {
        const dt = document.createElement("dt"), dd = document.createElement("dd");
        dt.append(Object.assign(document.createElement("kbd"), { textContent: key }));
        dd.textContent = what;
        list.append(dt, dd);
      }
      const close = Object.assign(document.createElement("button"), { textContent: "Close", autofocus: true });
      close.addEventListener("click", () => dialog.close());
      dialog.append(list, close);
      document.body.append(dialog);
    }
    if (dialog.open) dialog.close(); else dialog.showModal();
  };

  const rows = () => [...document.querySelectorAll("tr[data-row]")];
  const here = () => document.activeElement && document.activeElement.closest("tr[data-row]");
  const move = (by) => {
    const all = rows();
    const at = all.indexOf(here());
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    const link = to && to.querySelector("a.open");
    if (link) { link.focus({ preventScroll: true }); to.scrollIntoView({ block: "nearest" }); }
  };
  const mark = () => {
    const box = here() && here().querySelector("input[name=run]");
    if (box) box.checked = !box.checked;
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]),select,textarea");
    if (event.key === "Escape") {
      if (typing) typing.blur();
      for (const menu of document.querySelectorAll(".menu[open]")) menu.open = false;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (dialog && dialog.open && event.key !== "?")) return;
    const filter = document.getElementById("filter");
    const keys = {
      "/": () => filter && (filter.focus(), filter.select()),
      j: () => move(1), k: () => move(-1), x: mark, "?": help,
      c: () => { const form = document.querySelector("form.runs"); if (form) form.requestSubmit(); },
    };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  // One menu at a time, and none that stays open behind a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && live) again(0); });
  for (const hint of document.querySelectorAll(".keys")) hint.hidden = false;
  if (live) again(quick);
})();
