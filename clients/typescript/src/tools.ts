import { type CallOptions, type Connected, pathOf } from './connection.ts'
import type { RequestedJob } from './job.ts'
import type { components } from './openapi.ts'
import { type WaitOptions, writePreferences } from './requests.ts'

type Schemas = components['schemas']

export type Tool = Schemas['ToolDescription']

/** The result of a quick tool, or the job that will have it. */
export interface ToolAnswer {
  result: unknown
  job: RequestedJob | null
}

export interface ToolOptions extends WaitOptions, Omit<Schemas['ToolCall'], 'params'> {}

export interface ToolMethods {
  /** What can be called, with the JSON Schema of the params. */
  listTools(options?: CallOptions): Promise<Tool[]>
  callTool(
    name: string,
    params?: Record<string, unknown>,
    options?: ToolOptions,
  ): Promise<ToolAnswer>
}

/** What one does with tools: `const { callTool } = toolsOf(client)`. */
export function toolsOf({ connection }: Connected): ToolMethods {
  return {
    async listTools(options) {
      return (await connection.call<{ tools: Tool[] }>('/tools', {}, options)).tools
    },
    callTool(name, params = {}, { idempotencyKey, wait, signal, ...told } = {}) {
      const headers = writePreferences({ idempotencyKey, wait })
      const body = { ...told, params }
      return connection.call(pathOf`/tools/${name}`, { method: 'POST', headers, body }, { signal })
    },
  }
}
