// SPDX-License-Identifier: GPL-2.0-or-later
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { useHosts } from './stores/hosts.ts'
import { useLink } from './stores/link.ts'
import { usePool } from './stores/pool.ts'
import { usePreferences } from './stores/preferences.ts'
import { useRuns } from './stores/runs.ts'
import './style/tokens.css'
import './style/base.css'
import './style/controls.css'

const app = createApp(App)
app.use(createPinia())
usePreferences()
useHosts().start()
usePool().start()
useRuns().start()
void useLink().keepUp()
app.mount('#app')
