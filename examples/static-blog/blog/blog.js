// Shows the comments, and posts one as whoever is logged in.

const form = document.getElementById("reply");
const told = document.getElementById("told");
const box = document.querySelector("[data-sociallogin-embed]");

function show({ author, text }) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  name.textContent = author;
  item.append(name, `: ${text}`);
  document.getElementById("comments").append(item);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const area = form.elements.text;
  const answer = await box.socialloginFetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text: area.value }),
  });
  const said = await answer.json();
  told.textContent = answer.ok ? "Thank you." : said.error.message;
  if (!answer.ok) return;
  show(said);
  area.value = "";
  area.dispatchEvent(new Event("input")); // so that no draft is kept of it
});

const answer = await fetch(form.action);
(await answer.json()).forEach(show);
