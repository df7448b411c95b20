// Runs the audits of graphql-http against a server and prints the outcome of each as JSON.
import { serverAudits } from "graphql-http";

const results = [];
for (const { id, name, fn } of serverAudits({ url: process.argv[2] })) {
  const { status, reason } = await fn();
  results.push({ id, name, status, reason });
}
console.log(JSON.stringify(results));
