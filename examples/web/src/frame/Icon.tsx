const PATHS = {
  plan: 'M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v13a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 19V6A1.5 1.5 0 0 1 5 4.5ZM3.5 9.5h17M8 2.5v4M16 2.5v4M8 16v-2M12 16v-3.500M16 16v-1',
  history: 'M3.500 12a8.500 8.500 0 1 0 2.600-6.100L3.500 8.500M3.500 3.500v5h5M12 7.500V12l3 2',
  repeat:
    'M17 2.500 20.500 6 17 9.500M3.500 11V9a3 3 0 0 1 3-3h14M7 21.500 3.500 18 7 14.500M20.500 13v2a3 3 0 0 1-3 3h-14',
  person:
    'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500c.8-3.600 3.800-5.500 7.500-5.500s6.700 1.900 7.500 5.500',
  download: 'M12 3.500v11M7.500 10.500l4.500 4.500 4.500-4.500M4.500 20h15',
  bike: 'M5.5 19a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM18.5 19a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM5.5 15.5 9 8.5h6.5l3 7M9 8.5l3.5 7 2.500-7M15 8.5V6h2.500',
  weights: 'M7 6.500v11M4 9v6M17 6.500v11M20 9v6M7 12h10',
  folder:
    'M3.5 7A1.5 1.5 0 0 1 5 5.5h4.500l2 2.500H19A1.5 1.5 0 0 1 20.500 9.500V18a1.5 1.5 0 0 1-1.500 1.500H5A1.5 1.5 0 0 1 3.5 18V7Z',
  down: 'M6 9l6 6 6-6',
  close: 'M6 6l12 12M18 6 6 18',
  back: 'M19 12H5M11 6l-6 6 6 6',
  flag: 'M5.500 21V4M5.500 4.500h11l-2 4 2 4h-11',
} as const

export type IconName = keyof typeof PATHS

interface Props {
  className?: string
}

/** Beside words, which say the same. */
export function Icon({ name, ...others }: Props & { name: IconName }) {
  return <Drawing path={PATHS[name]} {...others} />
}

/** One that only one page has. */
export function Drawing({ path, className = 'size-5' }: Props & { path: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={path} />
    </svg>
  )
}
