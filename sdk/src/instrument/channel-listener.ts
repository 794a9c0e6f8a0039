/** Listens to channels of `node:diagnostics_channel`, and measures what they tell. */
export interface ChannelListener {
  readonly channels: Readonly<Record<string, (message: unknown) => void>>;
  /** Lets go of the requests under way. */
  forget(): void;
}
