// What the pages do by themselves: say that a message is being read, keep the counts up to date. Without this they still work.

const RETRY_REFUSED_MS = 60_000;

/** @param {string} url @returns {Promise<boolean>} whether it was taken */
const tell = (url) =>
  fetch(url, { method: 'POST', headers: { accept: 'application/json' }, keepalive: true }).then(
    ({ ok }) => ok,
    () => false,
  );

/**
 * Read is said by the page that somebody sees, never by fetching it: previewers of links fetch, too.
 * @param {HTMLFormElement} form
 */
function readWhenSeen(form) {
  const look = async () => {
    if (document.visibilityState !== 'visible') return;
    document.removeEventListener('visibilitychange', look);
    const isTold = await tell(form.action);
    form.hidden = isTold;
    if (!isTold) return;
    const chip = document.querySelector('.chip.unread');
    if (!chip) return;
    chip.className = 'chip read';
    chip.textContent = form.dataset['read'] ?? chip.textContent;
  };
  document.addEventListener('visibilitychange', look);
  void look();
}

/** A second press must not say the same twice. @param {SubmitEvent} event */
function pressOnce({ submitter }) {
  if (!(submitter instanceof HTMLButtonElement)) return;
  setTimeout(() => (submitter.disabled = true)); // after the event: a disabled button would not send its form
  // The way back may show the page from the browser's memory, as it was left.
  addEventListener('pageshow', () => (submitter.disabled = false), { once: true });
}

/** @typedef {{ unread: number, open: number, newest: string | null }} Counts */

/** @param {Counts} counts @returns {boolean} whether one of them has grown */
function show({ unread, open }) {
  let hasGrown = false;
  for (const [name, count] of Object.entries({ unread, open })) {
    for (const place of document.querySelectorAll(`[data-count="${name}"]`)) {
      hasGrown ||= count > Number(place.textContent);
      place.textContent = String(count);
      place.toggleAttribute('data-none', count === 0);
    }
  }
  document.title = document.title.replace(/^(\(\d+\) )?/, unread > 0 ? `(${unread}) ` : '');
  const live = document.querySelector('#live');
  const text = (document.body.dataset['unreadNow'] ?? '').replace('#', String(unread)).replace('#', String(open));
  if (live && live.textContent !== text) live.textContent = text;
  return hasGrown;
}

/** @param {string} url */
function listen(url) {
  /** @type {EventSource | undefined} */
  let source;
  /** @type {string | null | undefined} */
  let newest;
  const connect = () => {
    source?.close();
    source = new EventSource(url);
    source.addEventListener('counts', (event) => {
      /** @type {Counts} */
      const counts = JSON.parse(event.data);
      const hasGrown = show(counts);
      if (hasGrown || (newest !== undefined && counts.newest !== newest)) announceNews();
      newest = counts.newest;
    });
    source.addEventListener('message', announceNews);
    // Broken connections come back by themselves; a refusal (signed out, too many pages open) does not.
    source.addEventListener('error', () => {
      if (source?.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_REFUSED_MS);
    });
  };
  connect();
  addEventListener('pagehide', () => source?.close());
  addEventListener('pageshow', ({ persisted }) => persisted && connect());
}

function announceNews() {
  document.querySelector('.news')?.removeAttribute('hidden');
}

const unread = document.querySelector('form[data-read]');
if (unread instanceof HTMLFormElement) readWhenSeen(unread);
document.addEventListener('submit', pressOnce);
if (document.body.dataset['events']) listen(document.body.dataset['events']);
