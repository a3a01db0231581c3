import { describe, expect, it } from '@jest/globals';
import { knownChannel, readLastMsgSeqs } from './last-msg-seqs.js';

const read = (text: string): Record<string, number> => Object.fromEntries(readLastMsgSeqs(text));

describe('last_msg_seqs', () => {
  it('names channels, their types and the last seq the client has', () => {
    expect(read('g1:2:17|alice:1:4')).toEqual({ [knownChannel('g1', 2)]: 17, [knownChannel('alice', 1)]: 4 });
  });

  it('takes the same id in two types for two channels', () => {
    expect(read('x:1:1|x:2:2')).toEqual({ '1:x': 1, '2:x': 2 });
  });

  it.each(['', '|', 'g1', 'g1:2', 'g1:2:3:4', '||g1:2'])('leaves out what has another form: %p', (text) => {
    expect(read(text)).toEqual({});
  });

  it('reads what is no number as 0', () => {
    expect(read('g1:2:x|g2:y:3|g3:2:-1|g4:2:99999999999')).toEqual({ '2:g1': 0, '0:g2': 3, '2:g3': 0, '2:g4': 0 });
  });
});
