export interface OutgoingRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  url: string;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** For the whole exchange: resolving, connecting, sending and reading to the end. */
  timeoutMs: number;
  /** Default 64 KiB. */
  maxResponseBytes?: number;
  /** Ends the exchange early, like its deadline. */
  signal?: AbortSignal;
}

export interface OutgoingResponse {
  status: number;
  /** Names in lower case; repeated headers joined by `, `. */
  headers: Record<string, string>;
  /** As it came: never decompressed. */
  body: Buffer;
}

/** What makes such requests, over whatever connection; see `GuardedHttp.request` for its errors. */
export interface OutgoingClient {
  request(request: OutgoingRequest): Promise<OutgoingResponse>;
}
