using System.IO.Pipelines;
using Blobs.Distribution.Storage;

namespace Blobs.Registry;

/// <summary>Sends a range of a blob: reads from the storage directly into the connection's buffers.</summary>
internal static class BlobBody
{
    private const int StepBytes = 64 << 10;

    public static async Task SendAsync(
        PipeWriter target, IStoredContent content, long offset, long length, CancellationToken cancellationToken)
    {
        for (long end = offset + length; offset < end;)
        {
            Memory<byte> buffer = target.GetMemory(StepBytes);
            int wanted = (int)Math.Min(buffer.Length, end - offset);
            int read = await content.ReadAsync(buffer[..wanted], offset, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw new IOException($"a blob ends at byte {offset}, expected {end} and more");
            }

            target.Advance(read);
            offset += read;
            FlushResult flushed = await target.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }
}
