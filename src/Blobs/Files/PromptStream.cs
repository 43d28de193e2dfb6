using Blobs.Streams;

namespace Blobs.Files;

/// <summary>
/// A file whose bytes are wanted by a task. The framework reads a file for a task by waking another thread for each piece; on a local
/// file there is next to nothing to wait for. Whose the file is does not change.
/// </summary>
internal sealed class PromptStream(FileStream file) : ReadOnlyStream
{
    public override int Read(Span<byte> buffer) => file.Read(buffer);
}
