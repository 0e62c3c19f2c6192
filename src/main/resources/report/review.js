document.addEventListener('keydown', function (event) {
  var form = document.getElementById('label');
  if (!form || event.altKey) { return; }
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  var typing = /^(TEXTAREA|SELECT)$/.test(event.target.tagName) ||
      (event.target.tagName === 'INPUT' && event.target.type !== 'radio');
  if (typing || event.ctrlKey || event.metaKey) { return; }
  var choice = form.querySelector('input[data-key="' + event.key.replace(/[^0-9]/g, '') + '"]');
  if (choice) {
    event.preventDefault();
    choice.checked = true;
    document.getElementById('reason').focus();
  }
});
