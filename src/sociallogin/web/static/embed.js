// The comment box in a page of another site, and the window of its logins. No cookie comes or goes:
// what a login came to is left with the server, and fetched by a verifier that only this tab knows.

import { Box, FITS, NAME, WAIT, allowed, draftsOf } from "./sociallogin.js";

const MAX_RETURN = 1_000; // bytes that the server takes

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const random = (size) => base64url(crypto.getRandomValues(new Uint8Array(size)));

/** The S256 challenge of a verifier (RFC 7636 section 4.2). */
async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

// Who this tab is logged in as there: its bearer, and the logins that it waits for.

class Session {
  constructor(mount) {
    this.mount = mount.replace(/\/$/, "");
    this.origin = new URL(mount).origin;
    this.key = `${NAME}:embed:${this.mount}`;
    this.pending = [];
    this.load();
  }

  /** What the tab keeps may be newer: this page may come out of the browser's cache. */
  load() {
    const kept = allowed(() => JSON.parse(sessionStorage.getItem(this.key) ?? "{}"));
    if (kept) Object.assign(this, { bearer: kept.bearer, pending: kept.pending ?? [] });
  }

  save() {
    const { bearer, pending } = this;
    allowed(() => sessionStorage.setItem(this.key, JSON.stringify({ bearer, pending })));
  }

  /** After Log Out, this browser's next login here asks for the account. */
  get left() {
    return allowed(() => localStorage.getItem(this.key)) ?? this.leaves;
  }

  set left(yes) {
    this.leaves = yes;
    allowed(() => (yes ? localStorage.setItem(this.key, 1) : localStorage.removeItem(this.key)));
  }

  begin(provider, more) {
    const one = { provider, verifier: random(32), nonce: random(16), ends: Date.now() + WAIT };
    this.load();
    this.pending.push(Object.assign(one, more));
    this.save();
    return one;
  }

  forget(one) {
    this.load();
    this.pending = this.pending.filter((other) => other.verifier !== one.verifier);
    this.save();
  }

  /** `fetch` with the bearer, for that site alone. */
  fetch(address, options = {}) {
    const url = new URL(address, this.origin);
    if (url.origin !== this.origin) throw new TypeError(`the login is for ${this.origin} only`);
    const headers = new Headers(options.headers);
    if (!headers.has("Accept")) headers.set("Accept", "application/json");
    if (this.bearer) headers.set("Authorization", `Bearer ${this.bearer}`);
    return fetch(url, { ...options, headers, credentials: "omit" });
  }

  /** What a login came to: `true`, an error, or undefined as long as nothing is known. */
  async redeem(one, code = one.code ?? "") {
    const body = new URLSearchParams({ verifier: one.verifier, code });
    const answer = await fetch(`${this.mount}/embed/redeem${this.query ?? ""}`, {
      method: "POST", body, credentials: "omit",
    });
    if (answer.status === 202) return undefined;
    const { access_token: bearer, error } = await answer.json();
    if (error?.code === "store_unavailable") return undefined;
    this.forget(one);
    if (!bearer) return error;
    this.end();
    this.bearer = bearer;
    this.left = undefined;
    this.save();
    return true;
  }

  /** Ends the bearer there, and here in any case. */
  async end() {
    this.load();
    if (!this.bearer) return;
    const told = this.fetch(`${this.mount}/logout`, { method: "POST", keepalive: true });
    this.bearer = undefined;
    this.save();
    await told.catch(() => {}); // no network: nobody has it any more
  }
}

class EmbeddedBox extends Box {
  constructor(section, session, drafts) {
    super(section, drafts);
    this.session = session;
    addEventListener("message", (event) => this.messaged(event));
  }

  ask(where, more, options) {
    return this.session.fetch(this.at(where, more), options);
  }

  // Logging in

  clicked(event) {
    super.clicked(event);
    const button = event.target.closest("[data-provider]");
    if (button && !matchMedia(FITS).matches) this.submit(button);
  }

  open(button) {
    const one = this.session.begin(button.dataset.provider);
    const address = this.login(button, { origin: location.origin });
    const attempt = this.launch(button, address, one.nonce);
    if (attempt) attempt.challenge = challengeOf(one.verifier);
    else this.session.forget(one);
  }

  /** Goes on in this tab, and comes back to this page. */
  async submit(button) {
    if (!button.dataset.provider) return void this.unreached(); // no form here goes anywhere
    const [page, hash = ""] = location.href.split("#");
    const back = page.length > MAX_RETURN ? location.origin + location.pathname : page;
    const one = this.session.begin(button.dataset.provider, { hash });
    const challenge = await challengeOf(one.verifier);
    location.assign(this.login(button, { return: back, challenge }));
  }

  login(button, more) {
    const change = this.changing || this.session.left ? { change: 1 } : {};
    return this.at(`embed/login/${button.dataset.provider}`, { ...more, ...change });
  }

  async messaged({ origin, source, data }) {
    const message = data?.[NAME];
    if (origin !== this.session.origin || !message) return;
    if (message.kind === "done") this.check(); // by whomever: it costs a question
    const attempt = [...this.attempts.values()].find((one) => one.window === source);
    if (message.kind !== "ready" || !attempt || attempt.cancelled) return;
    attempt.ready = true;
    const challenge = await attempt.challenge;
    source.postMessage({ [NAME]: { kind: "challenge", challenge } }, origin);
  }

  doubt() {
    const attempt = this.waiting;
    if (attempt && attempt.window.closed && !attempt.ready) {
      // Closed at once, or this page's own policy cuts its windows off.
      this.rest();
      this.blocked(attempt.button);
    } else super.doubt();
  }

  // Who it is

  async identity() {
    this.session.load();
    for (const one of [...this.session.pending]) {
      if (one.ends <= Date.now()) this.session.forget(one);
      else if (one.hash === undefined) {
        // One of this tab is redeemed by the code that comes back to its page, and not without.
        const outcome = await this.redeem(one);
        if (outcome?.code) await this.refused(one, outcome);
      }
    }
    let asked, identity;
    do {
      asked = this.session.bearer;
      identity = asked ? await super.identity() : null;
    } while (asked !== this.session.bearer); // another question has brought a newer one
    if (identity === null && asked) {
      this.session.bearer = undefined;
      this.session.save();
    }
    if (identity !== undefined) this.account = identity;
    return identity;
  }

  async redeem(one) {
    try {
      return await this.session.redeem(one);
    } catch {
      return undefined; // no network
    }
  }

  async refused(one, { code, message }) {
    const attempt = this.attempts.get(one.nonce) ?? one;
    await this.failed(attempt, code, undefined, message);
  }

  async logout() {
    this.leaving = this.account?.provider ?? this.leaving; // the latter at a second try
    this.session.left = true;
    await this.session.end();
    if (!(await this.check())) await this.refresh();
  }

  async refresh(more = {}) {
    const left = this.leaving && { left: this.leaving };
    await super.refresh({ ...more, ...left });
    this.leaving = undefined;
  }
}

// The page

const arrived = /^#sociallogin=([\w-]*)$/.exec(location.hash)?.[1];
if (arrived !== undefined) {
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** Puts the box into the page. */
async function start(section) {
  const { socialloginEmbed: mount, form, locale } = section.dataset;
  const session = new Session(mount);
  const query = new URLSearchParams({ ...(form && { form }), ...(locale && { locale }) });
  session.query = locale && `?${new URLSearchParams({ locale })}`;
  section.socialloginFetch = (address, options) => session.fetch(address, options);
  const drafts = draftsOf(section); // before anything is awaited: somebody may type already
  const outcome = arrived === undefined ? undefined : await back(session);
  const answer = await session.fetch(`${session.mount}/box?${query}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`the box answered ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".sociallogin");
  for (const { name, value } of fresh.attributes) {
    if (name === "class") section.classList.add(value);
    else section.setAttribute(name, value);
  }
  document.head.append(page.querySelector("link"));
  section.replaceChildren(...fresh.childNodes);
  const box = new EmbeddedBox(section, session, drafts);
  const changed = await box.check(); // a login may have been completed since the box was fetched
  if (outcome?.code) await box.refused(outcome.one, outcome);
  else if (!changed && box.account) box.emit("signin", box.account);
}

/** What a login in this tab came to, which has just come back. */
async function back(session) {
  const one = session.pending.findLast(({ hash }) => hash !== undefined);
  if (!one) return undefined; // somebody else's address
  if (one.hash) history.replaceState(history.state, "", `#${one.hash}`);
  let outcome;
  try {
    outcome = await session.redeem(one, arrived);
  } catch {
    session.forget(one); // no network: the box asks again, with the code
    session.pending.push({ ...one, hash: undefined, code: arrived });
    session.save();
    return undefined;
  }
  session.forget(one);
  return outcome === true ? undefined : { code: "state_expired", ...outcome, one };
}

// The window of a login: at first it asks its opener for the challenge, at last it says it is done.

function ask(form) {
  const origin = form.dataset.embedOrigin;
  const lost = () => {
    document.querySelector(".sociallogin-status").textContent = "";
    document.querySelector(".sociallogin-lost").hidden = false;
  };
  const waiting = setTimeout(lost, 10_000);
  addEventListener("message", (event) => {
    const message = event.data?.[NAME];
    if (event.origin !== origin || event.source !== opener || message?.kind !== "challenge") return;
    clearTimeout(waiting);
    form.elements.challenge.value = message.challenge;
    form.requestSubmit();
  });
  if (opener) opener.postMessage({ [NAME]: { kind: "ready" } }, origin);
  else lost();
}

function report(end) {
  const { embedEnded: origin, outcome } = end.dataset;
  allowed(() => opener.postMessage({ [NAME]: { kind: "done" } }, origin));
  if (outcome === "signin" || outcome === "login_denied") close();
  setTimeout(() => end.removeAttribute("hidden"), 300);
}

const [asking] = document.querySelectorAll("[data-embed-origin]");
const [ended] = document.querySelectorAll("[data-embed-ended]");
if (asking) ask(asking);
if (ended) report(ended);
for (const section of document.querySelectorAll("[data-sociallogin-embed]")) {
  start(section).catch(({ message }) =>
    section.dispatchEvent(
      new CustomEvent(`${NAME}:error`, { bubbles: true, detail: { code: "unavailable", message } }),
    ),
  );
}
