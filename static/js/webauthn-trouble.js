// allauth only logs when a security key does not answer; here a sentence appears as well.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("webauthn-trouble").hidden = false;
});
