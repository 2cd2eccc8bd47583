// Takes the token of a mailed link out of the address bar and offers to use it. It sends nothing:
// the person presses the button.
function take() {
  const token = new URLSearchParams(location.hash.slice(1)).get('t');
  if (!token) return;
  history.replaceState(null, '', location.pathname + location.search);
  document.getElementById('token').value = token;
  document.getElementById('linked').hidden = false;
  document.getElementById('typed').hidden = true;
}
addEventListener('hashchange', take);
take();
