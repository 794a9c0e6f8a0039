import { prometheusContentType, type RegistryContentType } from './content-type.ts';
import { Registry } from './registry.ts';

/** What `register.contentType` is; an import follows it. */
export let contentType: RegistryContentType = prometheusContentType;

class GlobalRegistry extends Registry {
  override setContentType(given: RegistryContentType): void {
    super.setContentType(given);
    contentType = given;
  }
}

/** Where metrics are registered that name no registry. */
export const register: Registry = new GlobalRegistry();
