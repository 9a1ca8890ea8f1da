import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

const api = 'http://127.0.0.1:8000' // of a `supajobs dev`, for `npm run dev`

export default defineConfig({
  plugins: [tailwindcss()],
  // The client in this checkout has a React of its own beside it, for its tests.
  resolve: { dedupe: ['react'] },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'dashboard.html'],
      // What both pages begin with is one file, and not many small ones.
      output: {
        codeSplitting: { groups: [{ name: 'frame', test: /react-dom|frame.(Layout|toasts)/ }] },
      },
    },
  },
  server: {
    proxy: {
      '/v1': api,
      '/health': api,
      '/config.json': api,
      '/dashboard/': api,
    },
  },
})
