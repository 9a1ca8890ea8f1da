/** uPlot hands the browser's language to Intl as it loads, which refuses some: en-US@posix. */
try {
  new Intl.NumberFormat(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' })
}
