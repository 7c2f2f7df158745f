// The comment box, and the window of a login. Every act here is a form or a link without script;
// what this saves is page loads, and drafts. Who is signed in, only the server says.
// embed.js builds the box of other sites' pages on the one of this file.

export const NAME = "sociallogin";
export const FITS = "(pointer: fine) and (min-width: 48em)"; // where a window of its own is no nuisance
export const WAIT = 600_000; // a login must be completed in ten minutes
const POLL = [3_000, 15_000];
const RETURNED = 2_000; // so long after coming back, a window without news was probably closed

/** What `act` gives; undefined where the browser forbids it (storage, channels). */
export function allowed(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}

// Messages between the windows of this origin: never a name, a token or a text.

const channel = allowed(() => new BroadcastChannel(NAME));

function tell(message, other) {
  allowed(() => channel.postMessage(message));
  allowed(() => localStorage.setItem(NAME, JSON.stringify({ ...message, at: Date.now() })));
  allowed(() => localStorage.removeItem(NAME));
  allowed(() => other.postMessage({ [NAME]: message }, location.origin));
}

/** Calls `heard(message)`, perhaps more than once; `knows(source)` says whose post is taken. */
function hear(heard, knows) {
  if (channel) channel.addEventListener("message", (event) => heard(event.data ?? {}));
  addEventListener("storage", (event) => {
    if (event.key === NAME && event.newValue) heard(allowed(() => JSON.parse(event.newValue)) ?? {});
  });
  addEventListener("message", (event) => {
    if (event.origin === location.origin && event.data?.[NAME] && knows(event.source)) {
      heard(event.data[NAME], event.source);
    }
  });
}

function read(key) {
  return allowed(() => JSON.parse(sessionStorage.getItem(key)));
}

// The draft: what is typed beside a box, kept for this tab by the page's address.

class Draft {
  constructor(area) {
    this.area = area;
    this.which = `:${area.id || area.form?.id || ""}:${area.name}`; // a page may have several
    this.key = `${NAME}:${location.pathname}${location.search}${this.which}`;
    this.restore();
    area.addEventListener("input", () => {
      this.timer ??= setTimeout(() => this.keep(), 200);
    });
    area.form?.addEventListener("submit", (event) => {
      // A button of the box in the app's form publishes nothing.
      const { provider, act } = event.submitter?.dataset ?? {};
      if (!provider && !act) this.keep(location.href.split("#")[0]);
    });
    addEventListener("pagehide", () => this.timer && this.keep());
  }

  keep(sentFrom) {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.area.value;
    allowed(() => {
      if (text) sessionStorage.setItem(this.key, JSON.stringify({ text, sentFrom }));
      else sessionStorage.removeItem(this.key);
      if (!sentFrom) return;
      // A page that refused it may have another address than the one it was first sent from.
      for (const key of Object.keys(sessionStorage)) {
        if (key.startsWith(NAME) && key.endsWith(this.which) && read(key)?.sentFrom) {
          sessionStorage.setItem(key, JSON.stringify({ text, sentFrom }));
        }
      }
    });
  }

  restore() {
    const kept = read(this.key);
    if (this.area.value) this.keep(); // the app knows better
    if (!kept || this.area.value) return;
    if (kept.sentFrom && this.accepted(kept)) {
      allowed(() => sessionStorage.removeItem(this.key));
      return;
    }
    this.area.value = kept.text;
    this.restored = true;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Whether this page is the app's answer to the form, with the text taken. */
  accepted({ text, sentFrom }) {
    if ("socialloginRefused" in this.area.dataset) return false;
    const [navigation] = performance.getEntriesByType("navigation");
    const plain = (words) => words.replace(/\s+/g, " ").trim();
    return (
      (navigation?.type === "navigate" && document.referrer === sentFrom) ||
      plain(document.body.textContent).includes(plain(text))
    );
  }
}

/** The drafts of the text areas that belong to a box. */
export function draftsOf(section) {
  const form = document.getElementById(section.dataset.form ?? "");
  const areas = form ? [...form.elements].filter((one) => one.type === "textarea") : [];
  areas.push(...document.querySelectorAll("textarea[data-sociallogin-draft]"));
  return areas.map((area) => new Draft(area));
}

// The box.

const boxes = [];

export class Box {
  constructor(section, drafts = draftsOf(section)) {
    this.section = section;
    this.drafts = drafts;
    this.words = JSON.parse(section.dataset.words);
    this.attempts = new Map(); // by nonce; kept when they end: a late success still counts
    this.waiting = null; // the attempt that the box shows
    this.changing = section.dataset.state === "changing" && { change: 1 };
    this.asked = this.answered = 0; // questions of who is signed in
    boxes.push(this);
    const status = this.part("status");
    if (status.textContent && this.drafts.some((draft) => draft.restored)) {
      status.append(` ${this.words.kept}`);
    }
    section.addEventListener("click", (event) => this.clicked(event));
    hear(
      (message, source) => this.heard(message, source),
      (source) => [...this.attempts.values()].some((attempt) => attempt.window === source),
    );
    addEventListener("focus", () => this.returned());
    addEventListener("pageshow", ({ persisted }) => {
      this.check();
      // Where the address has a fragment, the attribute autofocus alone is not obeyed.
      const free = document.activeElement === document.body; // nobody types yet
      if (section.dataset.state === "error" && free && !persisted) this.part("alert").focus();
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.returned());
  }

  part(name) {
    return this.section.querySelector(`.sociallogin-${name}`);
  }

  // What the visitor does

  clicked(event) {
    const pressed = event.target.closest("[data-provider], [data-act]");
    if (!pressed) return;
    for (const draft of this.drafts) draft.keep();
    const { provider, act } = pressed.dataset;
    if (provider && !matchMedia(FITS).matches) return;
    if (act === "guest" && this.section.dataset.form) return; // the app's form, the app's page
    event.preventDefault();
    if (provider) this.open(pressed);
    else if (this.acting !== act) this.perform(act, pressed); // the impatient press twice
  }

  async perform(act, pressed) {
    this.acting = act;
    try {
      await this[act](pressed);
    } catch {
      this.submit(pressed);
    }
    this.acting = undefined;
  }

  /** What the button does without script; a link would lead to the page that is here already. */
  submit(pressed) {
    if (pressed.form) pressed.form.requestSubmit(pressed);
    else this.unreached();
  }

  unreached() {
    this.rest();
    this.part("alert").textContent = this.words.unreached;
  }

  async change() {
    if (await this.check()) return; // it is somebody else by now, or nobody
    await this.refresh({ change: 1 });
    (this.part("button") ?? this.part("line")).focus();
  }

  async keep() {
    if (await this.check()) return;
    await this.refresh();
    this.section.querySelector('[data-act="change"]').focus();
  }

  async logout() {
    this.leaving = true;
    await this.post("logout", new URLSearchParams({ next: this.section.dataset.next }));
  }

  async forget() {
    for (const field of this.section.querySelectorAll(".sociallogin-guest input:not([type=hidden])")) {
      Object.assign(field, field.type === "checkbox" ? { checked: false } : { value: "" });
    }
    await this.post("logout", new URLSearchParams({ next: this.section.dataset.next }));
    this.part("lead").focus();
  }

  async email(button) {
    await this.post("email", new URLSearchParams(new FormData(button.form)));
  }

  async guest(button) {
    await this.post("guest", new URLSearchParams(new FormData(button.form)));
  }

  /** Does what a form of the box does, and shows what came of it. */
  async post(where, body) {
    const answer = await this.ask(where, {}, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      if (await this.check()) return;
      const inside = this.section.contains(document.activeElement);
      await this.refresh();
      if (inside) this.part("line")?.focus();
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.show(page.querySelector(".sociallogin"));
  }

  /** Opens the window of a login; it must happen in the click. */
  open(button) {
    const nonce = [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    const provider = button.dataset.provider;
    const { next } = this.section.dataset;
    const address = this.at(`login/${provider}`, { popup: 1, next, ...this.changing });
    this.launch(button, `${address}#${nonce}`, nonce);
  }

  /** Opens a window there, and waits for it; gives the attempt, if the browser lets it. */
  launch(button, address, nonce) {
    const left = screenX + (outerWidth - 600) / 2; // below zero on a screen to the left
    const top = Math.max(0, screenY + (outerHeight - 700) / 2);
    const opened = window.open(
      address,
      "",
      `popup,width=600,height=700,left=${left},top=${top}`,
    );
    if (!opened) {
      this.blocked(button);
      return undefined;
    }
    const { provider, label } = button.dataset;
    const attempt = { nonce, provider, button, label, window: opened, ends: Date.now() + WAIT };
    this.attempts.set(nonce, attempt);
    this.calm ??= this.section.dataset.state;
    this.wait(attempt);
    return attempt;
  }

  blocked(button) {
    this.rest();
    this.say(this.words.blocked);
    const onward = this.act(this.words.onward, () => this.submit(button));
    onward.focus();
  }

  // Waiting for a window

  wait(attempt) {
    this.stop();
    this.waiting = attempt;
    this.section.dataset.state = "connecting";
    this.say(this.words.connecting, attempt);
    const status = this.part("status");
    status.id ||= `${NAME}-status-${attempt.nonce}`;
    attempt.button.setAttribute("aria-describedby", status.id);
    this.act(this.words.cancel, () => this.cancel());
    const poll = async (delay) => {
      await this.check();
      if (this.waiting !== attempt) return;
      if (Date.now() > attempt.ends) this.rest();
      else this.timer = setTimeout(poll, delay, Math.min(delay * 1.5, POLL[1]));
    };
    this.timer = setTimeout(poll, POLL[0], POLL[0]);
    this.watch = setInterval(() => attempt.window.closed && document.hasFocus() && this.doubt(), 500);
  }

  /** No more waiting; what a window does later is still heard. */
  stop() {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    clearTimeout(this.doubting);
    this.doubting = undefined;
    this.waiting?.button.removeAttribute("aria-describedby");
    this.waiting = null;
    this.part("act")?.remove();
  }

  rest() {
    this.stop();
    if (this.calm) this.section.dataset.state = this.calm;
    this.calm = undefined;
    this.say();
  }

  cancel() {
    const attempt = this.waiting;
    attempt.cancelled = true;
    this.rest();
    allowed(() => attempt.window.close());
    attempt.button.focus();
  }

  returned() {
    this.check();
    if (this.waiting) this.doubt();
  }

  /** `closed` proves nothing: a provider may have cut the window off. */
  doubt() {
    const attempt = this.waiting;
    if (this.section.dataset.state === "unsure") return; // said once
    this.doubting ??= setTimeout(async () => {
      this.doubting = undefined;
      if (!document.hasFocus()) return;
      await this.check();
      if (this.waiting !== attempt) return;
      clearInterval(this.watch);
      this.section.dataset.state = "unsure";
      this.say(this.words.unsure, attempt);
    }, RETURNED);
  }

  async heard({ kind, nonce, outcome, code, wait }, source) {
    if (kind === "changed") {
      await this.check();
      return;
    }
    const attempt = this.attempts.get(nonce);
    if (!attempt) return;
    if (kind === "opened" && !attempt.cancelled) tell({ kind: "go", nonce }, source);
    if (kind !== "done") return;
    tell({ kind: "heard", nonce }, source);
    if (attempt.told === (attempt.told = `${outcome} ${code}`)) return; // one news, several ways
    if (outcome === "signin") {
      await this.check(() => this.waiting === attempt);
    } else if (code) {
      await this.failed(attempt, code, wait);
    }
  }

  async failed(attempt, code, wait, message) {
    if (attempt.over || (this.waiting && this.waiting !== attempt)) return; // another one counts
    const query = { error: code, provider: attempt.provider, ...this.changing };
    if (wait) query.wait = wait;
    try {
      await this.refresh(query);
    } catch {
      attempt.told = undefined; // it may be told again
      if (this.waiting) this.rest();
      return;
    }
    if (message) this.part("alert").textContent = message;
    const said = this.part("alert").querySelector("p") ?? this.part("alert");
    this.emit("error", { code, message: said.textContent.trim() });
  }

  // What the server says

  /** Asks who is signed in, and shows it where it changed, or `anyway()`; whether it did. */
  async check(anyway) {
    const turn = (this.asked += 1);
    const identity = await this.identity();
    if (identity === undefined || turn < this.answered) return false; // a later one knows better
    this.answered = turn;
    const { dataset } = this.section;
    const before = dataset.identity;
    const now = identity
      ? `${identity.issuer} ${identity.subject} ${identity.authenticated_at}`
      : "";
    if (now === before && !anyway?.()) return false;
    dataset.identity = now; // of two who ask at once, one tells it
    try {
      await this.arrive(identity);
      return true;
    } catch {
      dataset.identity = before; // no network: asked again
      return false;
    }
  }

  async arrive(identity) {
    const inside = this.section.contains(document.activeElement);
    await this.refresh();
    for (const attempt of this.attempts.values()) attempt.over = true;
    // Somebody who did not log out must learn it before the comment is sent.
    if (!identity && !this.leaving && !this.part("status").textContent) this.say(this.words.ended);
    this.leaving = false;
    if (inside) this.part(identity ? "line" : "lead")?.focus();
    tell({ kind: "changed" });
    for (const box of boxes) if (box !== this) box.check(); // messages reach other pages alone
    this.emit(identity ? "signin" : "signout", identity);
  }

  async identity() {
    try {
      const headers = { Accept: "application/json" };
      const answer = await this.ask("identity", {}, { headers, cache: "no-store" });
      return answer.ok ? (await answer.json()).identity : undefined;
    } catch {
      return undefined; // no network: nothing is known
    }
  }

  async refresh(more = {}) {
    const { next, form } = this.section.dataset;
    const query = { ...(next && { next }), ...(form && { form }), ...more };
    const answer = await this.ask("box", query, { cache: "no-store" });
    if (!answer.ok) throw new Error(`the box answered ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.show(page.querySelector(".sociallogin"));
    this.changing = "change" in more && { change: 1 };
  }

  ask(where, more, options) {
    return fetch(this.at(where, more), options);
  }

  /** An address of the login's, in the language that the app chose. */
  at(where, more) {
    const { sociallogin: mount, locale } = this.section.dataset;
    const query = new URLSearchParams({ ...more, ...(locale && { locale }) }).toString();
    return `${mount}/${where}${query && `?${query}`}`;
  }

  /** Takes the place of what stood there, without losing what was typed or where one was. */
  show(fresh) {
    this.stop(); // a window that somebody is still busy with is heard all the same
    this.calm = undefined;
    const old = this.part("body");
    const body = fresh.querySelector(".sociallogin-body");
    for (const field of old.querySelectorAll("input:not([type=hidden])")) {
      const again = body.querySelector(`[name="${field.name}"]:not([type=hidden])`);
      if (!again) continue;
      if (field.type === "checkbox") again.checked = field.checked;
      else if (field.value) again.value = field.value;
    }
    const inside = this.section.contains(document.activeElement);
    old.replaceWith(body);
    const { lang, dir } = fresh;
    Object.assign(this.section, { lang, dir });
    this.words = JSON.parse(fresh.dataset.words ?? "null") ?? this.words;
    this.section.dataset.state = fresh.dataset.state;
    for (const name of ["status", "alert"]) {
      const [here, there] = [this.part(name), fresh.querySelector(`.sociallogin-${name}`)];
      if (here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
    }
    if (inside && this.part("alert").textContent) this.part("alert").focus();
  }

  say(words = "", { label = "" } = {}) {
    this.part("status").textContent = words.replace("%(provider)s", () => label);
    this.part("alert").replaceChildren();
  }

  /** One button after the status line. */
  act(words, pressed) {
    this.part("act")?.remove();
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "sociallogin-act", textContent: words });
    button.addEventListener("click", pressed);
    this.part("status").after(button);
    return button;
  }

  emit(name, detail) {
    this.section.dispatchEvent(new CustomEvent(`${NAME}:${name}`, { bubbles: true, detail }));
  }
}

// The window of a login: first it asks whether a box opened it, at last it says how it ended.

function ask(page) {
  const nonce = location.hash.slice(1);
  const form = page.querySelector("form");
  if (!/^[0-9a-f]{32}$/.test(nonce)) return;
  form.elements.popup.value = nonce;
  let gone = false;
  hear(
    (message) => {
      if (gone || message.kind !== "go" || message.nonce !== nonce) return;
      gone = true;
      form.requestSubmit();
    },
    (source) => source === opener,
  );
  tell({ kind: "opened", nonce }, opener);
}

function report(page) {
  const { socialloginWindow: nonce, outcome, code, wait, next } = page.dataset;
  const closes = outcome === "signin" || code === "login_denied";
  const onward = outcome === "signin" && setTimeout(() => location.replace(next), 1_500);
  hear(
    (message) => {
      if (!closes || message.kind !== "heard" || message.nonce !== nonce) return;
      clearTimeout(onward);
      close();
      setTimeout(() => page.querySelector(".sociallogin-closable")?.removeAttribute("hidden"), 300);
    },
    (source) => source === opener,
  );
  tell({ kind: "done", nonce, outcome, code, wait }, opener);
}

const page = document.body;
if (page.dataset.socialloginWindow) (page.dataset.outcome ? report : ask)(page);
for (const section of document.querySelectorAll("[data-sociallogin]")) new Box(section);
