/** The page's script. It runs in browsers, so that it has no types; it holds no `</script>`. */
export const pageScript = `
'use strict';
(() => {
  const live = document.getElementById('live');
  const main = document.querySelector('main');
  const held = new Map();
  let ahead = Number(main.dataset.at) - Date.now() / 1000;
  let heardAt = Date.now();
  let state = '';

  const span = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return whole + ' s';
    if (whole < 3600) return Math.floor(whole / 60) + ' min';
    if (whole < 86400) return Math.floor(whole / 3600) + ' h';
    return Math.floor(whole / 86400) + ' d';
  };

  const count = () => {
    const now = Date.now() / 1000 + ahead;
    for (const time of document.querySelectorAll('time[data-at]')) {
      const past = span(now - Number(time.dataset.at));
      const text = time.dataset.form === 'for' ? 'for ' + past : past + ' ago';
      if (time.textContent !== text) time.textContent = text;
    }
  };

  // What is being marked, to be copied, stays until it is not marked any more.
  const isMarked = (part) => {
    const selection = getSelection();
    return selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
  };

  const place = () => {
    const { scrollX, scrollY } = window;
    for (const [id, text] of held) {
      const part = document.getElementById(id);
      if (part === null || isMarked(part)) continue;
      part.innerHTML = text;
      held.delete(id);
    }
    if (window.scrollX !== scrollX || window.scrollY !== scrollY) window.scrollTo(scrollX, scrollY);
  };

  const tell = (next, text) => {
    if (state === next) return;
    state = next;
    live.dataset.state = next;
    document.body.dataset.state = next;
    live.textContent = text;
  };

  const lost = (more) => {
    const time = new Date(heardAt).toLocaleTimeString([], { hour12: false });
    tell('lost' + more, 'connection lost, since ' + time + more);
  };

  const heard = (event) => {
    const said = JSON.parse(event.data);
    heardAt = Date.now();
    ahead = said.at - heardAt / 1000;
    tell('live', 'live');
    return said;
  };

  const source = new EventSource('/events');
  source.addEventListener('parts', (event) => {
    const { parts, title } = heard(event);
    document.title = title;
    for (const [id, text] of Object.entries(parts)) held.set(id, text);
    place();
    count();
  });
  source.addEventListener('tick', heard);
  source.addEventListener('open', () => {
    heardAt = Date.now();
    tell('live', 'live');
  });
  source.addEventListener('error', () => {
    // Closed for good: the server has refused, as it does when a session has ended.
    lost(source.readyState === EventSource.CLOSED ? '; load the page anew' : '');
  });
  setInterval(() => {
    place();
    count();
    if (Date.now() - heardAt > 40000 && state === 'live') lost('');
  }, 1000);
  tell('connecting', 'connecting');
})();
`;
