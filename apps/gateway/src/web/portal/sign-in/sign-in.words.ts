import type { Language } from '../page/language.js';
import type { SignInProblem } from './sign-in-error.js';

const ZH = {
  title: '登录',
  heading: '登录消息中心',
  withIssuer: '使用统一身份认证登录',
  orFrom: '也可以从业务系统中的“消息”入口，或从收到的消息中的链接进入。',
  onlyFrom: '请从业务系统中的“消息”入口，或从收到的消息中的链接进入。如需在这里直接登录，请联系管理员。',
  signedOut: '您已退出消息中心。',
  signOutOfIssuer: '同时退出统一身份认证',
  problems: {
    stale: '登录页面停留过久，或登录是在另一个浏览器中开始的。请重新登录。',
    refused: '登录没有完成。请重新登录；如果一直不成功，请联系管理员。',
    unreachable: '统一身份认证暂时没有响应。请稍后再试。',
    no_user_id: '统一身份认证没有提供您的用户编号，无法打开收件箱。请联系管理员。',
    spent: '这个登录链接已经用过或已超过 60 秒。请回到业务系统，重新打开消息。',
  } satisfies Record<SignInProblem, string>,
};

export type SignInWords = typeof ZH;

const EN: SignInWords = {
  title: 'Sign in',
  heading: 'Sign in to the Message Center',
  withIssuer: 'Sign in with your organisation’s account',
  orFrom: 'Or come here from the messages of the system you work in, or by the link in a message you received.',
  onlyFrom:
    'Come here from the messages of the system you work in, or by the link in a message you received. To sign in on this page, ask the administrator.',
  signedOut: 'You are signed out of the Message Center.',
  signOutOfIssuer: 'Sign out of your organisation’s account too',
  problems: {
    stale: 'The sign-in took too long, or it was begun in another browser. Please sign in again.',
    refused: 'The sign-in was not completed. Please try again; if it stays so, tell the administrator.',
    unreachable: 'The sign-in of your organisation does not answer at the moment. Please try again later.',
    no_user_id: 'Your organisation’s sign-in does not tell who you are here. Please tell the administrator.',
    spent:
      'This sign-in link was used already, or is older than 60 seconds. Please open your messages again from where you came.',
  },
};

const WORDS: Readonly<Record<Language, SignInWords>> = { 'zh-CN': ZH, en: EN };

export const signInWordsIn = (language: Language): SignInWords => WORDS[language];
