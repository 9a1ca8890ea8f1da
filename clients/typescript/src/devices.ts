import { type CallOptions, type Connected, pathOf } from './connection.ts'
import type { components } from './openapi.ts'

type Schemas = components['schemas']

/** Where a user is told how jobs have ended: an app with Expo's token, or a browser. */
export type Device = Schemas['ExpoDevice'] | Schemas['WebDevice']
export type RegisteredDevice = Schemas['PushToken']

export interface DeviceMethods {
  /** Once more is no harm: a device is registered once. */
  registerDevice(device: Device, options?: CallOptions): Promise<RegisteredDevice>
  forgetDevice(id: string, options?: CallOptions): Promise<void>
}

/** Where the user is told how jobs have ended: `const { registerDevice } = devicesOf(client)`. */
export function devicesOf({ connection }: Connected): DeviceMethods {
  return {
    registerDevice: (body, options) =>
      connection.call('/push-tokens', { method: 'PUT', body }, options),
    forgetDevice: (id, options) =>
      connection.call(pathOf`/push-tokens/${id}`, { method: 'DELETE' }, options),
  }
}
