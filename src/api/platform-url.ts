import { KeyApiError } from "./errors.ts";

/**
 * Reads a platform's address: `https://host[:port][/prefix]`. Plain `http://` is for this very machine, or for those who
 * say `insecure`, since it shows the token to everyone on the way. Throws `invalid`; its words never repeat a password.
 */
export function platformUrl(text: string, insecure = false): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid("The platform's address is no URL. It looks like https://keys.example.com.");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw invalid(`The platform's address must begin with https://, not ${url.protocol}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("The platform's address must not hold a user or a password. The token is given apart from it.");
  }
  if (url.search !== "" || url.hash !== "") throw invalid("The platform's address must have no query and no fragment.");
  if (url.protocol === "http:" && !staysHere(url) && !insecure) {
    const secure = `https://${url.host}${url.pathname === "/" ? "" : url.pathname}`;
    throw invalid(`Over http:// everyone on the way to ${url.hostname} could read the token. Use ${secure} instead.`);
  }
  return url;
}

/** True for this very machine, whose traffic nobody on a network sees. */
export function staysHere({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function invalid(message: string): KeyApiError {
  return new KeyApiError("invalid", message);
}
