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

async function post(text) {
  const answer = await box.socialloginFetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
  });
  const said = await answer.json();
  told.textContent = answer.ok ? "Thank you." : said.error.message;
  return answer.ok && said;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const area = form.elements.text;
  try {
    const posted = await post(area.value);
    if (!posted) return;
    show(posted);
    area.value = "";
    area.dispatchEvent(new Event("input")); // so that no draft is kept of it
  } catch {
    told.textContent = "That did not work. Please check your connection and try again.";
  }
});

const answer = await fetch(form.action);
(await answer.json()).forEach(show);
