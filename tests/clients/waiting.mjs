// Waits for a job, and says in lines of JSON what happens meanwhile.

const { CLIENT, API, ID } = process.env
const { createClient } = await import(CLIENT)

const say = (...words) => console.log(JSON.stringify(words))
const tokens = JSON.parse(process.env.TOKENS)

const { waitForJobCompletion } = createClient({
  baseUrl: API,
  getToken: (refused) => {
    if (refused === tokens[0]) tokens.shift()
    return tokens[0]
  },
  fetch: async (...request) => {
    say('asks')
    try {
      const answer = await fetch(...request)
      say('answer', answer.status)
      return answer
    } catch (error) {
      say('no answer')
      throw error
    }
  },
})

const began = Date.now()
const job = await waitForJobCompletion(ID, ({ status, progress }) => {
  say('update', status, progress?.percentage ?? null)
})
say('end', job.status, job.result, (Date.now() - began) / 1000)
