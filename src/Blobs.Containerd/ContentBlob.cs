using Blobs.Containerd.Api;
using Blobs.Hashing;
using Blobs.Streams;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Reads blobs from containerd's content store, not verified.</summary>
internal static class ContentBlob
{
    /// <summary>Opens a blob at an offset.</summary>
    public static Stream Open(Services services, Digest digest, long offset) =>
        new ProducedStream((target, stop) => CopyAsync(services, digest, offset, target, stop));

    // A connection that was cut is opened again where it ended, unless nothing came of the last one.
    private static async Task CopyAsync(
        Services services, Digest digest, long offset, Stream target, CancellationToken cancellationToken)
    {
        while (true)
        {
            long begin = offset;
            var request = new ReadContentRequest { Digest = $"{digest}", Offset = offset };
            using AsyncServerStreamingCall<ReadContentResponse> call =
                services.Content.Read(request, cancellationToken: cancellationToken);
            try
            {
                while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                {
                    ReadOnlyMemory<byte> bytes = call.ResponseStream.Current.Data.Memory;
                    await target.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                    offset += bytes.Length;
                }

                return;
            }
            catch (RpcException fault) when (fault.StatusCode != StatusCode.Unavailable || offset == begin)
            {
                throw Failures.Of(fault, $"blob {digest}");
            }
            catch (RpcException)
            {
            }
        }
    }
}
