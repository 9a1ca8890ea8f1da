import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../styles.css'
import { applyTheme } from '../frame/theme.ts'
import { Operator } from './Operator.tsx'

applyTheme()

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Operator />
    </StrictMode>,
  )
}
