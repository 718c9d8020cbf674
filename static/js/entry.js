// Entering points: saves as one goes, by stored, base and new value; nothing typed is lost.
// An edit goes to IndexedDB first and leaves it when the server has answered. Words stand in the page.
(() => {
  const desk = document.querySelector("[data-entry]");
  if (!desk || !desk.dataset.stage) return;
  const say = desk.dataset;
  const all = (selector, from = desk) => [...from.querySelectorAll(selector)];
  const cells = all("[data-cell]");
  const fields = all("[data-field=points]");
  const sync = desk.querySelector("[data-sync]");
  const token = () => desk.querySelector("input[name=csrfmiddlewaretoken]").value;
  const keyOf = (cell) => `${cell.dataset.adj ? "adj:" : ""}${cell.dataset.code}|${cell.dataset.stage}`;
  const lineOf = (element) => element.closest(".desk-line"); // one cell of a line is typed at a time
  const input = (cell, field) => lineOf(cell).querySelector(`[data-field=${field}]`);
  const noteBox = (cell) => lineOf(cell).querySelector("[data-note-box]");
  const number = (text) => (text === "" ? NaN : Number(text.replace(",", ".")));
  const sameNumber = (a, b) => a === b || (a !== "" && b !== "" && number(a) === number(b));
  const sameValue = (a, b) => sameNumber(a.points, b.points) && a.reason === b.reason;
  const same = (a, b) => sameValue(a, b) && a.note === b.note;
  // A checker who changes what the stage before left in force says why; the value and its reason are one edit.
  const noteNeeded = (cell, value) => {
    if (!input(cell, "note") || (value.points === "" && value.reason === "")) return false;
    const held = { points: cell.dataset.heldPoints, reason: cell.dataset.heldReason };
    return (held.points !== "" || held.reason !== "") && !sameValue(value, held);
  };
  const typed = (cell) => {
    const value = { points: input(cell, "points").value.trim(), reason: input(cell, "reason")?.value.trim() || "" };
    return { ...value, note: noteNeeded(cell, value) ? input(cell, "note").value.trim() : "" };
  };
  const stored = (cell) => ({ points: cell.dataset.points, reason: cell.dataset.reason, note: cell.dataset.note });
  const askForNote = (cell) => {
    const box = noteBox(cell);
    if (box) box.hidden = !noteNeeded(cell, typed(cell));
    return Boolean(box) && !box.hidden;
  };
  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // only where the page counts as secure
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const h = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
  };

  // --- What waits, kept per user and unit -------------------------------------------------------
  const prefix = `${say.user}/${say.ulid}/`;
  const opened = new Promise((done) => {
    let request;
    try {
      request = indexedDB.open("portal-entry", 1);
    } catch {
      return done(null); // forbidden in this browser: edits then wait in the page alone
    }
    request.onupgradeneeded = () => request.result.createObjectStore("edits", { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  });
  const store = async (mode, act) => {
    const db = await opened;
    if (!db) return undefined;
    return new Promise((done) => {
      const request = act(db.transaction("edits", mode).objectStore("edits"));
      request.onsuccess = () => done(request.result);
      request.onerror = () => done(undefined);
    });
  };
  const waiting = new Map();
  const unexplained = new Map(); // changed by the checker, reason not written yet: kept, not sent
  const keep = (edit) => store("readwrite", (s) => s.put(edit));
  const forget = (edit) => {
    if (waiting.get(edit.cell)?.edit === edit.edit) waiting.delete(edit.cell);
    return store("readwrite", (s) => s.delete(edit.key));
  };

  // --- What the page says ------------------------------------------------------------------------
  const tell = (cell, text, kind = "") => {
    const said = cell.querySelector("[data-said]");
    said.textContent = text;
    said.className = `desk-said ${kind ? `desk-said-${kind}` : ""}`;
  };
  const word = (value) => value.reason || value.points || say.sayEmpty;
  let held = false;
  const showSync = () => {
    const n = waiting.size;
    sync.classList.toggle("desk-unsent", (n > 0 && held) || unexplained.size > 0);
    if (unexplained.size) sync.textContent = say.sayNotes.replace("%n", unexplained.size);
    else sync.textContent = n === 0 ? say.saySaved : held ? say.sayWaiting.replace("%n", n) : say.saySaving;
  };
  const missingButton = desk.querySelector("[data-missing]");
  const showResult = (body) => {
    if (body.result) desk.querySelector("#result").outerHTML = body.result; // rendered and escaped by the server
    if (!body.missing) return;
    missingButton.dataset.missing = body.missing.join(" ");
    desk.querySelector("[data-missing-count]").textContent = body.missing.length;
    desk.querySelector("[data-missing-box]").hidden = body.missing.length === 0;
    const sending = document.querySelector("[data-at]"); // all is scored: it can be handed in
    if (sending) sending.hidden = sending.dataset.at !== body.state;
  };
  const setStored = (cell, value) => {
    cell.dataset.points = value.points;
    cell.dataset.reason = value.reason;
    cell.dataset.note = value.note || "";
  };
  const put = (cell, value) => {
    input(cell, "points").value = value.points;
    const reason = input(cell, "reason");
    if (reason) {
      reason.value = value.reason;
      if (value.reason) reason.closest("details").open = true;
    }
    if (input(cell, "note")) input(cell, "note").value = value.note || "";
    askForNote(cell);
  };

  // --- Saving ------------------------------------------------------------------------------------
  const wrong = (cell, value) => {
    if (value.points === "" || input(cell, "points").matches("select")) return "";
    const points = number(value.points);
    if (!/^\d+([.,]\d+)?$/.test(value.points) || Number.isNaN(points)) return say.sayNumber;
    const most = number(cell.dataset.most);
    if (points > most) return say.sayMost + cell.dataset.most;
    const step = number(cell.dataset.step);
    if (step > 0 && Math.abs(points / step - Math.round(points / step)) > 1e-9) return say.sayStep + cell.dataset.step;
    return "";
  };
  const changed = (cell) => {
    askForNote(cell);
    const value = typed(cell);
    const problem = wrong(cell, value);
    tell(cell, problem, problem ? "bad" : "");
    input(cell, "points").setAttribute("aria-invalid", problem ? "true" : "false");
    const name = keyOf(cell);
    const draft = unexplained.get(name);
    unexplained.delete(name);
    if (problem || (same(value, stored(cell)) && !waiting.has(name))) {
      if (draft) forget(draft);
      return showSync();
    }
    if (noteNeeded(cell, value) && !value.note) return draftOf(cell, value);
    queue(cell, value, stored(cell));
  };
  const draftOf = (cell, value) => {
    const name = keyOf(cell);
    const edit = { key: prefix + name, cell: name, code: cell.dataset.code, adj: cell.dataset.adj, stage: cell.dataset.stage,
      base: stored(cell), value, edit: newId(), sent: false };
    waiting.delete(name);
    unexplained.set(name, edit);
    tell(cell, say.sayNote, "changed");
    showSync();
    return keep(edit);
  };
  const queue = (cell, value, base) => {
    const name = keyOf(cell);
    const before = waiting.get(name);
    // What was not answered yet keeps its base: nobody has seen the value between.
    const edit = { key: prefix + name, cell: name, code: cell.dataset.code, adj: cell.dataset.adj, stage: cell.dataset.stage,
      base: before && !before.sent ? before.base : base, value, edit: newId(), sent: false };
    waiting.set(name, edit);
    keep(edit).then(flush);
    showSync();
  };
  // One run at a time; who asks while one is under way waits for the same one.
  let running = null;
  const flush = () => (running ??= run().finally(() => {
    running = null;
    showSync();
  }));
  const run = async () => {
    showSync();
    while (waiting.size && (await send(waiting.values().next().value)));
  };
  const settle = async () => {
    await flush();
    if (waiting.size) await flush(); // typed just as the run before ended
  };
  const send = async (edit) => {
    const cell = cells.find((c) => keyOf(c) === edit.cell);
    const form = new URLSearchParams({ stage: edit.stage, code: edit.code, edit: edit.edit,
      base_points: edit.base.points, base_reason: edit.base.reason, base_note: edit.base.note || "",
      points: edit.value.points, reason: edit.value.reason, note: edit.value.note || "" });
    if (edit.adj) form.set("adjustment", "on");
    let response;
    edit.sent = true;
    try {
      response = await fetch(say.save, { method: "POST", body: form, headers: { "X-CSRFToken": token(), "X-Requested-With": "fetch" } });
    } catch {
      held = true; // no line: it stays, and is sent again
      return false;
    }
    const json = response.headers.get("Content-Type")?.startsWith("application/json");
    if (!json) {
      held = true;
      if (response.redirected || response.status === 401 || response.status === 403) askToSignIn();
      return false;
    }
    held = false;
    const body = await response.json();
    if (body.outcome === "refused") {
      await forget(edit);
      if (body.codes?.includes("note_missing")) {
        await look(); // the stage before has changed meanwhile; what was typed stays and asks for its reason
        await draftOf(cell, edit.value);
        noteBox(cell).hidden = false;
      }
      tell(cell, body.message, "bad");
      return true;
    }
    const now = { points: body.points, reason: body.reason, note: body.note };
    setStored(cell, now);
    await forget(edit);
    const newer = waiting.get(edit.cell) || unexplained.get(edit.cell);
    if (newer) {
      newer.base = now; // typed while this one was under way: it builds on what was just answered
      await keep(newer);
    }
    if (body.outcome === "conflict") showConflict(cell, edit.value, now, body.by);
    else if (same(typed(cell), edit.value)) tell(cell, "✓", "good");
    showResult(body);
    return true;
  };
  const showConflict = (cell, mine, theirs, by) => {
    const said = cell.querySelector("[data-said]");
    tell(cell, `${say.sayConflict}${word(theirs)} (${by}). `, "bad");
    const choice = (text, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-outline-primary";
      button.textContent = text;
      button.addEventListener("click", () => {
        tell(cell, "");
        act();
        input(cell, "points").focus();
      });
      said.append(button);
    };
    choice(`${say.sayMine} (${word(mine)})`, () => {
      put(cell, mine);
      queue(cell, mine, theirs);
    });
    choice(say.sayTheirs, () => put(cell, theirs));
  };

  // --- The session ended: sign in again in place -----------------------------------------------------
  const dialog = document.getElementById("sign-in-again");
  const frame = dialog.querySelector("iframe");
  const askToSignIn = () => {
    if (dialog.open) return;
    frame.src = frame.dataset.src;
    dialog.showModal();
  };
  frame.addEventListener("load", () => {
    let page;
    try {
      page = frame.contentDocument;
    } catch {
      return;
    }
    if (!page || new URL(page.location.href).pathname !== say.signedIn) return;
    const again = page.body.dataset.user;
    if (again !== say.user) return location.reload(); // somebody else signed in: what waits stays the first one's
    const fresh = page.querySelector("input[name=csrfmiddlewaretoken]").value;
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
    dialog.close();
    flush();
  });

  // --- What others change ------------------------------------------------------------------------------
  const look = async () => {
    if (document.hidden || running || dialog.open) return;
    let body;
    try {
      const response = await fetch(say.changes, { headers: { "X-Requested-With": "fetch" } });
      if (!response.ok || response.redirected) return;
      body = await response.json();
    } catch {
      return;
    }
    for (const cell of cells) {
      const now = body.cells[keyOf(cell)];
      if (input(cell, "note")) holdBefore(cell, body.cells);
      if (!now || waiting.has(keyOf(cell)) || unexplained.has(keyOf(cell)) || same(now, stored(cell))) continue;
      const untouched = same(typed(cell), stored(cell)) && !(document.activeElement?.matches("[data-field]") && lineOf(cell).contains(document.activeElement));
      if (!untouched) continue; // saving it will show the conflict
      setStored(cell, now);
      put(cell, now);
      tell(cell, say.sayChanged + now.by, "changed");
    }
    for (const shown of all("[data-shown]")) {
      const now = body.cells[shown.dataset.shown];
      if (now && !now.reason) shown.textContent = now.points || "–";
    }
    showResult(body);
  };

  const STAGES = ["self", "check", "final"];
  const holdBefore = (cell, now) => {
    const name = `${cell.dataset.adj ? "adj:" : ""}${cell.dataset.code}`;
    const earlier = STAGES.slice(0, STAGES.indexOf(cell.dataset.stage)).reverse().map((stage) => now[`${name}|${stage}`]);
    const held = earlier.find((value) => value && (value.points !== "" || value.reason !== ""));
    cell.dataset.heldPoints = held ? held.points : cell.dataset.adj ? "0" : "";
    cell.dataset.heldReason = held ? held.reason : "";
  };

  // --- Keyboard ------------------------------------------------------------------------------------
  const go = (from, by) => {
    const target = fields[fields.indexOf(from) + by];
    if (!target) return from.blur(); // the last one: leaving it saves it
    target.focus();
    target.select?.();
    target.scrollIntoView({ block: "nearest" });
  };
  const toMissing = () => {
    const code = missingButton.dataset.missing.split(" ")[0];
    const target = code && document.getElementById(`c-${code}`);
    if (!target) return;
    target.scrollIntoView({ block: "center" });
    target.focus();
  };
  const toNote = () => {
    const cell = unexplained.size && cells.find((c) => unexplained.has(keyOf(c)));
    if (!cell) return false;
    cell.scrollIntoView({ block: "center" });
    input(cell, "note").focus();
    return true;
  };
  const leave = async () => {
    document.activeElement?.blur();
    await settle();
    if (toNote()) return; // the points are kept here, and are stored once their reason is written
    if (waiting.size === 0) location.href = document.querySelector("[data-next]").href;
  };
  desk.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey) return;
    if (!event.target.matches("[data-field]")) return;
    const cell = lineOf(event.target).querySelector("[data-cell]");
    if (event.target.matches("[data-field=note]") && event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      go(input(cell, "points"), 1);
      return;
    }
    if (!event.target.matches("[data-field=points]")) return;
    if (event.key === "Tab" && !event.shiftKey) return void askForNote(cell); // so that Tab finds the reason's field
    if (event.key === "Enter" && !event.shiftKey && askForNote(cell) && input(cell, "note").value.trim() === "") {
      event.preventDefault();
      input(cell, "note").focus();
      return;
    }
    const select = event.target.matches("select");
    if (event.key === "Enter" || (!select && event.key === "ArrowDown")) go(event.target, event.shiftKey ? -1 : 1);
    else if (!select && event.key === "ArrowUp") go(event.target, -1);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey) return;
    const key = event.key.toLowerCase();
    if (key === "n") leave();
    else if (key === "m") toMissing();
    else return;
    event.preventDefault();
  });
  missingButton?.addEventListener("click", toMissing);
  document.querySelector("[data-next]")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.querySelector("[data-move]")?.closest("form").addEventListener("submit", (event) => {
    if (waiting.size === 0 && unexplained.size === 0) return;
    event.preventDefault();
    event.target.removeAttribute("aria-busy");
    if (toNote()) return;
    settle().then(() => waiting.size === 0 && event.target.submit());
  });
  desk.addEventListener("change", (event) => {
    if (event.target.matches("[data-field]")) changed(lineOf(event.target).querySelector("[data-cell]"));
  });

  // --- A file dropped onto a criterion -----------------------------------------------------------------
  for (const name of ["dragover", "drop"]) {
    desk.addEventListener(name, (event) => {
      const line = event.target.closest(".desk-line");
      const drop = line?.querySelector("[data-drop]");
      if (!drop || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      if (name === "dragover") return;
      drop.open = true;
      drop.querySelector("input[type=file]").files = event.dataTransfer.files;
      drop.querySelector("input[name=pages]").focus();
    });
  }

  // --- At the start: what was typed and could not be sent ------------------------------------------------
  const restore = async () => {
    const edits = (await store("readonly", (s) => s.getAll(IDBKeyRange.bound(prefix, `${prefix}\uffff`)))) || [];
    let restored = 0;
    for (const edit of edits) {
      const cell = cells.find((c) => keyOf(c) === edit.cell);
      if (!cell) continue; // the step is over: the edit stays until the cell is open again
      edit.value.note ||= "";
      put(cell, edit.value);
      restored += 1;
      if (noteNeeded(cell, edit.value) && !edit.value.note) {
        unexplained.set(edit.cell, edit);
        tell(cell, say.sayNote, "changed");
        continue;
      }
      edit.sent = true;
      waiting.set(edit.cell, edit);
    }
    if (restored) sync.textContent = say.sayRestored.replace("%n", restored);
    if (waiting.size) flush();
    else if (!restored || unexplained.size) showSync();
  };
  restore();
  window.addEventListener("online", flush);
  window.addEventListener("focus", () => (waiting.size ? flush() : look()));
  setInterval(() => (waiting.size ? flush() : look()), 20000);
})();
