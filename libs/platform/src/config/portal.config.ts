import { ArrayMinSize, IsArray, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import type { ConfigProblem } from './config-error.js';
import type { HttpConfig } from './http.config.js';
import { IsIssuerUrl, isOnThisMachine } from './rules.js';
import { Setting } from './setting.js';

/** How people sign in to the portal. */
export class PortalConfig {
  @Setting('Hours after which somebody who signed in to the portal has to sign in again.')
  @IsInt()
  @Min(1)
  @Max(720)
  PORTAL_SESSION_HOURS = 8;

  @Setting(
    'Issuer of OpenID Connect with which people sign in to the portal; needs PUBLIC_URL (unless it is on this machine), whose /portal/sign-in/callback is registered there.',
    { example: 'https://sso.example.com/realms/staff' },
  )
  @IsOptional()
  @IsIssuerUrl()
  OIDC_ISSUER?: string;

  @Setting('Name of this center at the issuer.')
  @Matches(/^[!-~]{1,256}$/, { message: 'must be 1 to 256 printable ASCII characters' })
  OIDC_CLIENT_ID = 'message-center';

  @Setting('Its secret there; without it the center is a public client (PKCE alone).', {
    secret: true,
    example: 'secret that the issuer gave',
  })
  @IsOptional()
  @IsString()
  OIDC_CLIENT_SECRET?: string;

  @Setting('What is asked of the issuer, separated by spaces.')
  @Matches(/^openid( [!-~]+)*$/, { message: 'must begin with openid, words separated by one space' })
  OIDC_SCOPE = 'openid profile';

  @Setting('Comma list of claims; the first that the issuer tells of somebody is the user id in the directory.')
  @IsArray()
  @ArrayMinSize(1)
  @IsString({ each: true })
  OIDC_USER_CLAIM: string[] = ['preferred_username', 'sub'];
}

/** The issuer sends people back to an address that is registered there: the one we listen at is none that their browsers reach. */
export function signInWithoutAddressProblem(
  { OIDC_ISSUER }: PortalConfig,
  { PUBLIC_URL }: HttpConfig,
): ConfigProblem | null {
  if (OIDC_ISSUER === undefined || PUBLIC_URL !== undefined || isOnThisMachine(OIDC_ISSUER)) return null;
  const expected = 'the address at which people reach the portal, because OIDC_ISSUER sends them back there';
  return { name: 'PUBLIC_URL', wrong: 'is not set while OIDC_ISSUER is', expected };
}
