export { acceptedCoding, Compressor, type ContentCoding, MIN_COMPRESSED_BYTES } from './compress.ts';
export { type HandlerOptions, metricsHandler } from './handler.ts';
