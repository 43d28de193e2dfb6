using Blobs.Streams;

namespace Blobs.Files;

/// <summary>
/// Reads a local file synchronously behind the asynchronous API. The framework's asynchronous reads wake another thread
/// for each piece, although a local file hardly ever blocks. Does not own the file.
/// </summary>
internal sealed class PromptStream(FileStream file) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer) => file.Read(buffer);
}
