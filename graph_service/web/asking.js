// How the explorer asks: GraphQL over HTTP, and subscriptions over a WebSocket.

export async function ask(asked, token) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json, application/json;q=0.9",
      ...bearer(token),
    },
    body: JSON.stringify(asked),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), size: text.length };
}

export async function getJson(path, token) {
  const response = await fetch(path, { headers: bearer(token) });
  const body = await response.json();
  if (!response.ok) throw new Error(body.errors?.[0]?.message ?? `HTTP ${response.status}`);
  return body;
}

// Follows a subscription until the returned function is called.
export function follow(asked, token, show, ended) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/graphql`, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => send({ type: "connection_init", payload: token ? { authorization: `Bearer ${token}` } : {} });
  socket.onclose = (event) => ended(event.code === 1000 ? "ended" : `closed: ${event.reason || event.code}`);
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: asked });
    if (message.type === "next") show(message.payload);
    if (message.type === "error") show({ errors: message.payload });
    if (message.type === "error" || message.type === "complete") socket.close(1000);
  };
  return () => socket.close(1000);
}

function bearer(token) {
  return token ? { authorization: `Bearer ${token}` } : {};
}
