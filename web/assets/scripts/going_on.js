// A form that only hands on what another house has said is sent by itself; without a script its button does that.
document.querySelector("[data-go-on]")?.requestSubmit();
