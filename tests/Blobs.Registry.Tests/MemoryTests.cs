using System.Net.Sockets;
using System.Text;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>No blob is ever held in memory: what a pull or push allocates does not depend on how long it is.</summary>
[Collection(Alone.Name)]
public sealed class MemoryTests
{
    private const int BlobBytes = 64 << 20;

    // Buffers of connections, and what the first call of everything leaves behind.
    private const int AllocatedMax = 8 << 20;

    // What the client of a bucket allocates is not ours; its memory is measured as a whole, in BucketSpecs.
    [Fact]
    [OnDirectory]
    public async Task Pushing_and_pulling_64_MiB_allocates_less_than_8()
    {
        byte[] blob = Content.Random(BlobBytes);
        string digest = Content.Digest(blob);
        await using RegistryServer server = await RegistryServer.StartAsync();
        await server.Client.PushBlobAsync([1]);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        NetworkStream stream = client.GetStream();
        var buffer = new byte[64 << 10];

        long before = GC.GetTotalAllocatedBytes(precise: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v2/foo/bar/blobs/uploads/?digest={digest} HTTP/1.1\r\nHost: x\r\nContent-Length: {BlobBytes}\r\n\r\n"));
        await stream.WriteAsync(blob);
        string answer = Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        Assert.StartsWith("HTTP/1.1 201", answer, StringComparison.Ordinal);
        long pushed = GC.GetTotalAllocatedBytes(precise: true) - before;

        before = GC.GetTotalAllocatedBytes(precise: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /v2/foo/bar/blobs/{digest} HTTP/1.1\r\nHost: x\r\n\r\n"));
        for (long left = BlobBytes; left > 0;)
        {
            left -= await stream.ReadAsync(buffer);
        }

        long pulled = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(pushed < AllocatedMax, $"a push allocated {pushed:N0} bytes");
        Assert.True(pulled < AllocatedMax, $"a pull allocated {pulled:N0} bytes");
    }
}
