import workerpool from 'workerpool';
import { same, sameEach } from './work.mjs';

workerpool.worker({ same, sameEach });
