import { type InformerError, targetError } from '@dynamic-informer/sdk';

/** A queue of several that can't be read. */
export function queueFailure(place: string, queue: string, fact: string, fix: string): InformerError {
  return targetError(`${place}: queue "${queue}": ${fact}`, { code: 'TARGET_QUEUE', fix });
}

/** Whether an error is about one queue, so that the others can still be read. */
export function isQueueFailure(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'TARGET_QUEUE';
}

/** The broker refuses the credentials. */
export function authFailure(place: string, fact: string): InformerError {
  return targetError(`${place}: ${fact}`, {
    code: 'TARGET_AUTH',
    fix: 'Correct username and password in the configuration, or the account on the server.',
  });
}

/** The deadline passed. Which collect is too late is known to whoever set the deadline. */
export function lateFailure(place: string): InformerError {
  return targetError(`${place}: gave no answer before the deadline`, {
    code: 'TARGET_TIMEOUT',
    fix: "Look whether the server hangs, or raise the resource's timeout.",
  });
}

const FACTS: Readonly<Record<string, readonly [fact: string, fix: string]>> = {
  ECONNREFUSED: ['refuses the connection', 'Start the server, or correct its address in the configuration.'],
  ENOENT: ['the socket does not exist', 'Start the server, or correct its address in the configuration.'],
  ENOTFOUND: ['the host name has no address', 'Correct the host name in the configuration, or mend DNS.'],
  EAI_AGAIN: ['the host name can not be looked up now', 'Mend DNS on this machine.'],
  EHOSTUNREACH: ['there is no route to the host', 'Mend the network, or correct the address.'],
  ENETUNREACH: ['there is no route to the network', 'Mend the network, or correct the address.'],
  ETIMEDOUT: ['gave no answer', 'Look whether the host is up and a firewall lets the connection through.'],
  ECONNRESET: ['closed the connection', "Look into the server's log."],
  EPIPE: ['closed the connection', "Look into the server's log."],
  EACCES: ['access is denied', "Let the agent's account use the socket."],
};

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

/** What went wrong below the broker's own protocol: DNS, TCP, TLS. */
export function connectionFailure(place: string, error: unknown): InformerError {
  const { code = '', message = String(error) } = error as { code?: string; message?: string };
  const known = FACTS[code];
  if (known) {
    return targetError(`${place}: ${known[0]}`, { code: 'TARGET_UNREACHABLE', fix: known[1], cause: error });
  }
  if (TLS_CODE.test(code)) {
    const plain = code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
    return targetError(
      `${place}: ${plain ? 'the server does not speak TLS on this port' : `TLS: ${message.split(';', 1)[0]}`}`,
      {
        code: 'TARGET_TLS',
        fix: plain
          ? 'Use the scheme without TLS, or the port with it.'
          : 'Name the CA that signed the certificate in tls.ca_file, and the name in it in tls.server_name.',
        cause: error,
      },
    );
  }
  return targetError(`${place}: ${message}`, {
    code: 'TARGET_UNREACHABLE',
    fix: 'Look whether the address is that of such a server, and into its log.',
    cause: error,
  });
}
