import { StringDecoder } from "node:string_decoder";
import sax from "sax";

/** What a server says of one resource, as far as it was asked and knows. */
export interface DavEntry {
  /** As it stands in the answer: a path or a whole URL, percent-encoded. */
  readonly href: string;
  readonly isFolder: boolean;
  /** Texts of the properties by `namespace name`, such as `DAV: getetag`. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The answer is no multistatus document that we would read: not XML, cut, or of absurd size. */
export class BadMultistatus extends Error {
  override readonly name = "BadMultistatus";
}

/** There is something behind the document: the server has failed in the middle of it, when it could no longer say so. */
export class BrokenMultistatus extends Error {
  override readonly name = "BrokenMultistatus";
}

/**
 * Reads a multistatus document (RFC 4918, 14.16) as it comes, by namespaces and not by prefixes. Memory does not
 * grow with the number of entries. Document types, and with them entities, are refused; so is whatever is deeper or
 * longer than any server has reason to send.
 */
export async function* readMultistatus(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly DavEntry[], void, undefined> {
  const reader = new MultistatusReader();
  const decoder = new StringDecoder("utf8");
  for await (const chunk of bytes) {
    const entries = reader.add(
      decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)),
    );
    if (entries.length > 0) yield entries;
  }
  reader.end();
}

const deepest = 24;
const longestText = 64 * 1024;
const longestTag = 64 * 1024;
/** How much is looked at between two looks at the limits. */
const step = 8 * 1024;
const longestDocument = 512 * 1024 * 1024;

/** A set of properties and the status that holds for all of them. */
interface Propstat {
  texts: Map<string, string>;
  isFolder: boolean;
  status: string;
}

class MultistatusReader {
  readonly #parser = sax.parser(true, { xmlns: true, position: false });
  readonly #path: string[] = [];
  #entries: DavEntry[] = [];
  #text = "";
  #length = 0;
  /** Characters of a tag that has begun and not ended. */
  #tagLength: number | undefined;
  #seenRoot = false;
  #href = "";
  #status = "";
  #found: Propstat = emptyPropstat();
  #propstat: Propstat = emptyPropstat();

  constructor() {
    const parser = this.#parser;
    parser.onerror = (error) => {
      if (this.#seenRoot && this.#path.length === 0)
        throw new BrokenMultistatus("there is text behind its end");
      throw new BadMultistatus(error.message.split("\n", 1)[0]);
    };
    parser.ondoctype = () => {
      throw new BadMultistatus("a document type is not allowed");
    };
    parser.onopentagstart = () => (this.#tagLength = 0);
    parser.onopentag = (tag) => this.#open("uri" in tag ? `${tag.uri} ${tag.local}` : tag.name);
    parser.onclosetag = () => this.#close();
    parser.ontext = parser.oncdata = (text) => this.#gather(text);
  }

  /** Entries that are complete with these characters. */
  add(text: string): readonly DavEntry[] {
    this.#length += text.length;
    if (this.#length > longestDocument) throw new BadMultistatus("it has no end");
    for (let at = 0; at < text.length; at += step) {
      if (this.#tagLength !== undefined) this.#tagLength += step;
      if ((this.#tagLength ?? 0) > longestTag) throw new BadMultistatus("a tag has no end");
      this.#parser.write(text.slice(at, at + step));
    }
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  end(): void {
    this.#parser.close();
    if (!this.#seenRoot) throw new BadMultistatus("there is nothing in it");
  }

  #open(name: string): void {
    this.#tagLength = undefined;
    if (this.#path.length === 0 && name !== "DAV: multistatus") {
      throw new BadMultistatus("it is another document");
    }
    this.#seenRoot = true;
    this.#path.push(name);
    if (this.#path.length > deepest) throw new BadMultistatus("it is too deep");
    this.#text = "";
    if (name === "DAV: response") {
      this.#href = this.#status = "";
      this.#found = emptyPropstat();
    }
    if (name === "DAV: propstat") this.#propstat = emptyPropstat();
    if (this.#isInProp(2) && this.#path.at(-2) === "DAV: resourcetype") {
      if (name === "DAV: collection") this.#propstat.isFolder = true;
    }
  }

  #close(): void {
    const name = this.#path.at(-1) ?? "";
    const text = this.#text.trim();
    if (this.#path.length === 3) this.#closeInResponse(name, text);
    if (this.#path.length === 4 && name === "DAV: status") this.#propstat.status = text;
    if (this.#isInProp(1)) this.#keep(name, text);
    // A property of elements, such as a principal, is told by the text of the innermost.
    if (this.#isInProp(2) && text !== "") this.#keep(this.#path.at(-2) ?? "", text);
    if (name === "DAV: response" && this.#href !== "" && isFine(this.#status)) {
      const { texts, isFolder } = this.#found;
      this.#entries.push({ href: this.#href, isFolder, texts });
    }
    this.#path.pop();
    this.#text = "";
  }

  #closeInResponse(name: string, text: string): void {
    if (name === "DAV: href") this.#href = text;
    if (name === "DAV: status") this.#status = text;
    if (name === "DAV: propstat" && isFine(this.#propstat.status)) this.#take(this.#propstat);
  }

  /** True for elements so many levels below `prop`. */
  #isInProp(levels: number): boolean {
    return this.#path.length === 4 + levels && this.#path[3] === "DAV: prop";
  }

  #keep(name: string, text: string): void {
    if (text !== "" || !this.#propstat.texts.has(name)) this.#propstat.texts.set(name, text);
  }

  #take({ texts, isFolder }: Propstat): void {
    for (const [name, text] of texts) this.#found.texts.set(name, text);
    this.#found.isFolder ||= isFolder;
  }

  #gather(text: string): void {
    this.#text += text;
    if (this.#text.length > longestText) throw new BadMultistatus("a text in it is too long");
  }
}

function emptyPropstat(): Propstat {
  return { texts: new Map(), isFolder: false, status: "" };
}

/** An entry without a status of its own is fine. */
function isFine(status: string): boolean {
  return status === "" || /^HTTP\/\d(\.\d)? 2\d\d\b/i.test(status);
}
