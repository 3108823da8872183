// SPDX-License-Identifier: MIT OR Apache-2.0
//! One command and its response (TPM 2.0 Library, part 1, 18).

use crate::bytes::{Reader, Writer};
use crate::command_code::CommandCode;
use crate::error::Error;
use crate::handle::{Authorization, Handle};
use crate::response_code::ResponseCode;
use crate::transport::Transport;
use core::fmt;
use zeroize::Zeroize as _;

/// The longest command that is sent, in bytes: what [`NV_CHUNK_MAX`](crate::NV_CHUNK_MAX) bytes for an NV index
/// need, and some more. OVMF takes 3968.
pub const COMMAND_BYTES: usize = 1280;
/// The longest response that is understood, in bytes. As for commands; a new key with its creation data has
/// about 400.
pub const RESPONSE_BYTES: usize = 1280;
/// How many times a command is sent again when the TPM asks for that.
pub const RETRIES_MAX: u8 = 8;

/// Tag, size and code.
const HEADER_BYTES: usize = 10;
/// Where the size stands in a command.
const SIZE_AT: usize = 2;
/// `TPM_ST_NO_SESSIONS`.
const NO_SESSIONS: u16 = 0x8001;
/// `TPM_ST_SESSIONS`.
const SESSIONS: u16 = 0x8002;
/// `TPMA_SESSION` with `continueSession`.
const CONTINUE_SESSION: u8 = 1;

/// A TPM behind a [`Transport`], and room for one command and its response.
///
/// The room is wiped when this is dropped: what was read from NV indexes and written to them went through it.
///
/// ```
/// use tpm2_wire::{Tpm, Transport, TransportError};
///
/// /// A TPM that knows one answer.
/// struct Dice;
/// impl Transport for Dice {
///     fn submit(&mut self, _: &[u8], response: &mut [u8]) -> Result<(), TransportError> {
///         response[..14].copy_from_slice(&[0x80, 0x01, 0, 0, 0, 14, 0, 0, 0, 0, 0, 2, 6, 6]);
///         Ok(())
///     }
/// }
/// let mut random = [0; 4];
/// Tpm::new(&mut Dice).get_random(&mut random)?;
/// assert_eq!(random, [6; 4]);
/// # Ok::<(), tpm2_wire::Error>(())
/// ```
pub struct Tpm<'t> {
    transport: &'t mut dyn Transport,
    command: [u8; COMMAND_BYTES],
    response: [u8; RESPONSE_BYTES],
    /// What [`Tpm::nv_chunk`] found.
    pub(crate) nv_chunk: Option<u16>,
}

/// A successful response, without header and authorizations.
pub(crate) struct Answer<'a> {
    command: CommandCode,
    /// Zero for commands that return none.
    pub(crate) handle: Handle,
    parameters: Reader<'a>,
}

impl<'t> Tpm<'t> {
    /// A TPM behind `transport`. Sends nothing.
    #[must_use]
    pub const fn new(transport: &'t mut dyn Transport) -> Self {
        Self { transport, command: [0; COMMAND_BYTES], response: [0; RESPONSE_BYTES], nv_chunk: None }
    }

    /// Sends a command, again where the TPM asks for that, and takes its response apart.
    pub(crate) fn run(
        &mut self,
        command: CommandCode,
        handles: &[Handle],
        authorization: Option<Authorization>,
        parameters: &dyn Fn(&mut Writer<'_>),
    ) -> Result<Answer<'_>, Error> {
        self.exchange(command, handles, authorization, parameters)?;
        self.answer(command, authorization.is_some())
    }

    /// Sends a command, again where the TPM asks for that. Its response is what [`answer`](Self::answer) takes apart.
    pub(crate) fn exchange(
        &mut self,
        command: CommandCode,
        handles: &[Handle],
        authorization: Option<Authorization>,
        parameters: &dyn Fn(&mut Writer<'_>),
    ) -> Result<(), Error> {
        let length = marshal(&mut self.command, command, handles, authorization, parameters);
        self.send(command, length.ok_or(Error::BadLength(command))?)
    }

    pub(crate) fn answer(&self, command: CommandCode, has_sessions: bool) -> Result<Answer<'_>, Error> {
        Answer::unmarshal(command, &self.response, has_sessions).ok_or(Error::Malformed(command))
    }

    fn send(&mut self, command: CommandCode, length: usize) -> Result<(), Error> {
        let bytes = self.command.get(..length).ok_or(Error::BadLength(command))?;
        let mut code = ResponseCode::RETRY;
        for round in 0..=RETRIES_MAX {
            if round > 0 {
                self.transport.pause();
            }
            self.response.fill(0);
            let sent = self.transport.submit(bytes, &mut self.response);
            sent.map_err(|error| Error::Transport(command, error))?;
            code = response_code(&self.response).ok_or(Error::Malformed(command))?;
            if !code.asks_for_retry() {
                break;
            }
        }
        if code.is_success() { Ok(()) } else { Err(Error::Response(command, code)) }
    }

    /// Lets go of an object or a session. The guards [`Key`](crate::Key) and [`Session`](crate::Session) do so by
    /// themselves.
    ///
    /// # Errors
    /// When the TPM has nothing of that handle, or could not be asked.
    pub fn flush_context(&mut self, handle: Handle) -> Result<(), Error> {
        self.run(CommandCode::FLUSH_CONTEXT, &[handle], None, &|_| ())?.done()
    }
}

impl Drop for Tpm<'_> {
    fn drop(&mut self) {
        self.command.zeroize();
        self.response.zeroize();
    }
}

/// Without the bytes of commands and responses, which may be secrets.
impl fmt::Debug for Tpm<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tpm")
    }
}

/// How many bytes the command has; `None` when it has no room.
fn marshal(
    place: &mut [u8],
    command: CommandCode,
    handles: &[Handle],
    authorization: Option<Authorization>,
    parameters: &dyn Fn(&mut Writer<'_>),
) -> Option<usize> {
    let mut writer = Writer::new(place);
    writer.u16(if authorization.is_some() { SESSIONS } else { NO_SESSIONS });
    writer.u32(0);
    writer.u32(command.0);
    handles.iter().for_each(|handle| writer.u32(handle.0));
    if let Some(authorization) = authorization {
        put_authorization(&mut writer, authorization);
    }
    parameters(&mut writer);
    let length = writer.length()?;
    writer.patch(SIZE_AT, &u32::try_from(length).ok()?.to_be_bytes());
    Some(length)
}

/// The authorization area: one session without nonce and HMAC, which passwords and policies do not need.
fn put_authorization(writer: &mut Writer<'_>, authorization: Authorization) {
    writer.u32(9);
    writer.u32(authorization.handle().0);
    writer.sized(&[]);
    writer.u8(CONTINUE_SESSION);
    writer.sized(&[]);
}

/// The response without what stands behind it; `None` when its header cannot be.
fn whole(response: &[u8]) -> Option<(u16, ResponseCode, &[u8])> {
    let mut reader = Reader::new(response);
    let (tag, size, code) = (reader.u16()?, reader.u32()?, ResponseCode(reader.u32()?));
    let body = response.get(HEADER_BYTES..usize::try_from(size).ok()?)?;
    Some((tag, code, body))
}

fn response_code(response: &[u8]) -> Option<ResponseCode> {
    whole(response).map(|(_, code, _)| code)
}

impl<'a> Answer<'a> {
    fn unmarshal(command: CommandCode, response: &'a [u8], has_sessions: bool) -> Option<Self> {
        let (tag, _, body) = whole(response)?;
        let mut body = Reader::new(body);
        let handle = Handle(if command.returns_handle() { body.u32()? } else { 0 });
        let parameters = match (tag, has_sessions) {
            (SESSIONS, true) => {
                let size = usize::try_from(body.u32()?).ok()?;
                body.take(size)?
            }
            (NO_SESSIONS, false) => body.rest(),
            _ => return None,
        };
        Some(Self { command, handle, parameters: Reader::new(parameters) })
    }

    /// What `read` makes of the parameters. Nothing may be left.
    pub(crate) fn parse<T>(mut self, read: impl FnOnce(&mut Reader<'a>) -> Option<T>) -> Result<T, Error> {
        let value = read(&mut self.parameters).filter(|_| self.parameters.rest().is_empty());
        value.ok_or(Error::Malformed(self.command))
    }

    /// The response of a command that returns nothing.
    pub(crate) fn done(self) -> Result<(), Error> {
        self.parse(|_| Some(()))
    }
}
