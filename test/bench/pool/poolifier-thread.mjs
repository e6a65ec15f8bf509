import { ThreadWorker } from 'poolifier';
import { same, sameEach } from './work.mjs';

export default new ThreadWorker({ same, sameEach });
