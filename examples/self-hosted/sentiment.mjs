// demos/sentiment_analysis: how friendly a text is, by the words that it uses. Small, fast, and easy to explain.
import { INTENSIFIERS, NEGATIONS, TURNS, WEIGHTS } from "./lexicon.mjs";

/** A negation reaches this many words ahead within a sentence: "not a very good film". */
const NEGATION_REACH = 3;

/** A negated word speaks the other way, but softer: "not bad" is less than "good". */
const NEGATED = -0.7;

/** What comes before "but" counts less than what comes after it. */
const BEFORE_TURN = 0.5;
const AFTER_TURN = 1.5;

/** The sum of weights at which the score reaches three quarters of its range. */
const SCALE = 5;

/** The sentiment of a text: from -1 (hostile) through 0 (neither) to 1 (friendly), with four decimals. */
export function sentimentOf(text) {
  const sum = sentencesOf(text).reduce((total, sentence) => total + sentenceWeight(sentence), 0);
  return Math.round(Math.tanh(sum / SCALE) * 10_000) / 10_000;
}

function sentencesOf(text) {
  return (
    text
      .normalize("NFKC")
      .replaceAll("\u2019", "'")
      .toLowerCase()
      .match(/[^.!?;\n]+[.!?;\n]*/g) ?? []
  );
}

function sentenceWeight(sentence) {
  const tokens = sentence.match(/[\p{L}\p{N}']+/gu) ?? [];
  const turn = tokens.findIndex((token, position) => position > 0 && TURNS.has(token));
  const stress = 1 + 0.15 * Math.min(3, sentence.match(/!/g)?.length ?? 0);
  const weights = tokens.map((token, position) => {
    const weight = WEIGHTS.get(token) ?? 0;
    if (weight === 0) return 0;
    const side = turn < 0 ? 1 : position < turn ? BEFORE_TURN : AFTER_TURN;
    return weight * intensity(tokens, position) * negation(tokens, position) * side;
  });
  return stress * weights.reduce((total, weight) => total + weight, 0);
}

function intensity(tokens, position) {
  return INTENSIFIERS.get(tokens[position - 1] ?? "") ?? 1;
}

/** Two negations cancel each other: "never not good". */
function negation(tokens, position) {
  const before = tokens.slice(Math.max(0, position - NEGATION_REACH), position);
  const negations = before.filter((token) => NEGATIONS.has(token) || token.endsWith("n't")).length;
  return negations % 2 === 1 ? NEGATED : 1;
}
