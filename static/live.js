// Pages that are watched and tapped by several at once: the briefing board, head counts, who came.
// htmx asks for news; this keeps an unchanged answer from being drawn again, says when the connection is lost, and sees
// that no tap is lost in silence or done twice. Nothing is kept to be sent later: what was not sent is said.

const frame = document.querySelector("[data-live]");

if (frame) {
  const part = frame.querySelector("#live");
  const lost = document.querySelector("#lost");
  const said = document.querySelector("#said");
  const keys = new Map(); // of taps whose answer has not come: the same tap again is the same request
  let etag = part.dataset.etag;
  let heard = new Date();

  const connected = () => {
    heard = new Date();
    lost.hidden = true;
    frame.disabled = false;
  };
  const cut = () => {
    // By the clock on the charity's wall, like every other time on the page, whatever the device believes.
    const clock = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: lost.dataset.zone };
    const time = heard.toLocaleTimeString(document.documentElement.lang, clock);
    if (lost.hidden) lost.textContent = lost.dataset.since.replace("{time}", time);
    lost.hidden = false;
    frame.disabled = true; // what is shown stays, and nothing can be tapped that would not be sent
  };
  const say = (text) => {
    const notice = document.createElement("p");
    notice.className = "notice is-bad";
    notice.textContent = text;
    said.replaceChildren(notice);
  };

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb === "get") {
      if (etag) detail.headers["If-None-Match"] = `"${etag}"`;
      return;
    }
    const what = detail.parameters.do;
    if (!keys.has(what)) keys.set(what, crypto.getRandomValues(new Uint32Array(4)).join("-"));
    detail.parameters.key = keys.get(what);
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    event.detail.shouldSwap = false;
    if (xhr.status === 304) return;
    if (xhr.getResponseHeader("X-Live")) {
      etag = xhr.getResponseHeader("ETag")?.replaceAll('"', "") ?? "";
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    } else if (xhr.status < 500 && xhr.status !== 429) {
      location.reload(); // signed out, say, or a form out of date: the page itself tells
    }
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { status } = detail.xhr;
    delete part.closest("form").dataset.sent;
    const answered = status > 0 && status < 500 && status !== 429;
    if (detail.requestConfig.verb === "post") {
      if (answered) keys.delete(detail.requestConfig.parameters.do);
      else say(said.dataset.unsent);
    }
    if (answered) connected();
    else cut();
  });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
