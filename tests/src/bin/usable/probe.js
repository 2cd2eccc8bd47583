// Runs before the page's own scripts; CONTROL and OPENER are expressions.
(() => {
  const seen = (window.__probe = { blocked: 0 });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.blocked += Math.max(0, task.duration - 50);
  }).observe({ type: 'longtask', buffered: true });
  const visible = (element) =>
    element?.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
  let opened = false;
  const look = () => {
    const opener = OPENER;
    if (!opened && visible(opener)) {
      opened = true;
      opener.click();
    }
    if (!visible(CONTROL)) return requestAnimationFrame(look);
    requestAnimationFrame(() => {
      const drawn = new MessageChannel();
      drawn.port1.onmessage = () => (seen.usable = performance.now());
      drawn.port2.postMessage(0);
    });
  };
  requestAnimationFrame(look);
})();
