import { bodyAt, type SmbAnswer, type SmbConnection, type SmbRequest } from "./connection.ts";
import { dialects } from "./dialect.ts";
import { command, header } from "./header.ts";

/** A share of the server's, signed in to. Everything below it is asked for through it. */
export class SmbTree {
  readonly connection: SmbConnection;
  readonly #id: number;
  /** True if the share wants everything to be sealed. */
  readonly sealed: boolean;

  private constructor(connection: SmbConnection, answer: SmbAnswer) {
    this.connection = connection;
    this.#id = header.treeId(answer.message);
    this.sealed = (answer.message.readUInt32LE(bodyAt + 4) & sealedFlag) !== 0;
  }

  /** [MS-SMB2] 3.2.4.2.4. Rejects with `SmbError`: `BAD_NETWORK_NAME`, `ACCESS_DENIED`. */
  static async connect(
    connection: SmbConnection,
    unc: string,
    signal: AbortSignal,
  ): Promise<SmbTree> {
    const path = Buffer.from(unc, "utf16le");
    const body = Buffer.alloc(8);
    body.writeUInt16LE(9, 0);
    body.writeUInt16LE(bodyAt + body.length, 4);
    body.writeUInt16LE(path.length, 6);
    const answer = await connection.request(
      {
        command: command.treeConnect,
        body: [body, path],
        // What was agreed upon before there were keys is proven genuine by it.
        signed: connection.agreement?.dialect === dialects["3.1.1"],
      },
      signal,
    );
    return new SmbTree(connection, answer);
  }

  /** As `SmbConnection.request`. */
  request(
    request: SmbRequest,
    signal?: AbortSignal,
    late?: (answer: SmbAnswer) => void,
  ): Promise<SmbAnswer> {
    return this.connection.request({ ...request, treeId: this.#id }, signal, late);
  }
}

const sealedFlag = 0x8000;
