using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Distribution.Client;

public sealed class ResumingStreamTests
{
    private static readonly byte[] Blob = [.. Enumerable.Range(0, 3 << 20).Select(value => (byte)(value * 31 / 7))];
    private static readonly string BlobPath = $"GET /v2/app/blobs/{Digest.OfSha256(Blob)}";

    [Theory]
    [InlineData((int)BrokenBody.End.Reset)]
    [InlineData((int)BrokenBody.End.Early)]
    [InlineData((int)BrokenBody.End.Silence)]
    public async Task A_cut_in_the_middle_is_followed_by_a_request_for_the_rest(int how)
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Stream(new BrokenBody(Blob[..1000], (BrokenBody.End)how)),
            request => Part(request, 500_000, (BrokenBody.End)how),
            request => Part(request));
        Assert.Equal(Blob, await ReadAsync(fake));
        Assert.Equal([null, 1000, 501_000], fake.Requests.Skip(1).Select(request => request.Headers.Range?.Ranges.Single().From));
    }

    [Fact]
    public async Task A_registry_without_ranges_is_read_again_up_to_where_it_stopped()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)), _ => Bytes(Blob));
        Assert.Equal(Blob, await ReadAsync(fake));
    }

    [Theory]
    [InlineData("416")]
    [InlineData("other range")]
    [InlineData("no range")]
    [InlineData("other length")]
    public async Task A_server_that_does_not_give_the_rest_is_asked_for_everything(string answer)
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)),
            _ => answer switch
            {
                "416" => Status(416),
                "other range" => Partial(Blob[500..], 500),
                "no range" => Stream(new MemoryStream(Blob[1000..]), 206),
                _ => new HttpResponseMessage(HttpStatusCode.PartialContent)
                {
                    Content = new ByteArrayContent(Blob[1000..])
                    {
                        Headers = { ContentRange = new ContentRangeHeaderValue(1000, Blob.Length - 1, Blob.Length + 1) },
                    },
                },
            },
            _ => Bytes(Blob));
        Assert.Equal(Blob, await ReadAsync(fake));
        Assert.Equal([null, 1000, null], fake.Requests.Skip(1).Select(request => request.Headers.Range?.Ranges.Single().From));
    }

    [Fact]
    public async Task A_server_that_never_gives_the_rest_is_given_up()
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)), _ => Status(416));
        Assert.Equal(416, (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(fake))).Status);
        Assert.Contains("416", (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(
            new FakeRegistry().On(BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)), _ => Status(416)), retries: 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_the_rest_is_better_than_nothing()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)),
            _ => new HttpResponseMessage(HttpStatusCode.PartialContent)
            {
                Content = new ByteArrayContent(Blob[1000..5000]) { Headers = { ContentRange = new ContentRangeHeaderValue(1000, 4999, Blob.Length) } },
            },
            request => Part(request));
        Assert.Equal(Blob, await ReadAsync(fake));
        Assert.Equal([null, 1000, 5000], fake.Requests.Skip(1).Select(request => request.Headers.Range?.Ranges.Single().From));
    }

    [Fact]
    public async Task Bytes_are_asked_for_as_they_are_and_decoded_when_they_are_not()
    {
        byte[] encoded = Gzip(Blob);
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Encoded(Stream(new BrokenBody(encoded[..(encoded.Length / 2)], BrokenBody.End.Reset))),
            _ => Encoded(Stream(new MemoryStream(encoded))));
        Assert.Equal(Blob, await ReadAsync(fake));
        Assert.All(fake.Requests, request => Assert.Equal("identity", request.Headers.AcceptEncoding.ToString()));
        Assert.All(fake.Requests, request => Assert.Null(request.Headers.Range));
    }

    [Fact]
    public async Task A_blob_that_is_a_gzip_is_not_decoded_whatever_its_header_says()
    {
        byte[] blob = Gzip(Blob);
        FakeRegistry fake = new FakeRegistry().On($"GET /v2/app/blobs/{Digest.OfSha256(blob)}", _ => Encoded(Bytes(blob)));
        await using Stream stream = await fake.Repository().OpenBlobAsync(Describe(blob));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        Assert.Equal(blob, all.ToArray());
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    public async Task A_blob_with_an_unrequested_content_coding_is_refused(string coding)
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Encoded(Stream(new BrokenBody(Blob, BrokenBody.End.Early)), coding));
        await Assert.ThrowsAsync<MalformedDataException>(() => ReadAsync(fake));
    }

    [Fact]
    public async Task A_damaged_encoding_ends_in_an_error_of_the_registry()
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Encoded(Stream(new BrokenBody(Blob, BrokenBody.End.Early))));
        await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(fake));
    }

    [Fact]
    public async Task Cut_connections_are_retried_while_there_is_progress()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath, _ => Stream(new BrokenBody(Blob[..(1 << 20)], BrokenBody.End.Reset)), request => Part(request, 1 << 20, BrokenBody.End.Reset));
        Assert.Equal(Blob, await ReadAsync(fake, retries: 1));
    }

    [Fact]
    public async Task Cuts_without_progress_end_in_an_error()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)), request => Part(request, 10, BrokenBody.End.Reset));
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(fake));
        Assert.Contains("connection reset by peer", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, fake.Asked.Count);
    }

    [Fact]
    public async Task A_registry_that_loses_the_blob_meanwhile_is_an_error()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)), _ => Status(404));
        Assert.Equal(404, (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(fake))).Status);
    }

    [Fact]
    public async Task A_range_of_another_blob_is_refused()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)),
            _ => Partial(Blob[999..], 999));
        await Assert.ThrowsAsync<MalformedDataException>(() => ReadAsync(fake));
    }

    [Fact]
    public async Task A_longer_body_is_refused_at_the_first_byte_too_many()
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Stream(new BrokenBody(Blob, BrokenBody.End.Endless)));
        await Assert.ThrowsAsync<DigestMismatchException>(() => ReadAsync(fake));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_wrong_length_is_refused_before_a_byte_is_read(int difference)
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Bytes(new byte[Blob.Length + difference]));
        DigestMismatchException error = await Assert.ThrowsAsync<DigestMismatchException>(() => ReadAsync(fake));
        Assert.Equal(0, error.Bytes);
    }

    [Fact]
    public async Task A_range_with_other_bytes_is_detected()
    {
        FakeRegistry fake = new FakeRegistry().On(
            BlobPath,
            _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Reset)),
            request => Partial(new byte[Blob.Length - 1000], 1000));
        await Assert.ThrowsAsync<DigestMismatchException>(() => ReadAsync(fake));
    }

    [Fact]
    public async Task A_small_blob_is_read_whole_and_checked()
    {
        byte[] config = "{}"u8.ToArray();
        FakeRegistry fake = new FakeRegistry().On($"GET /v2/app/blobs/{Digest.OfSha256(config)}", _ => Bytes(config), _ => Bytes("[]"u8.ToArray()));
        Assert.Equal(config, await fake.Repository().ReadBlobAsync(Describe(config)));
        await Assert.ThrowsAsync<DigestMismatchException>(() => fake.Repository().ReadBlobAsync(Describe(config)));
        await Assert.ThrowsAsync<LimitExceededException>(
            () => fake.Repository().ReadBlobAsync(Describe(config) with { Size = Limits.Default.ConfigBytes + 1 }));
    }

    [Fact]
    public async Task An_empty_blob_is_empty() =>
        Assert.Empty(await new FakeRegistry().On($"GET /v2/app/blobs/{Digest.OfSha256([])}", _ => Bytes([])).Repository().ReadBlobAsync(Describe([])));

    [Fact]
    public async Task A_cancelled_read_is_not_an_error_of_the_registry()
    {
        FakeRegistry fake = new FakeRegistry().On(BlobPath, _ => Stream(new BrokenBody(Blob[..1000], BrokenBody.End.Silence)));
        using var stop = new CancellationTokenSource();
        await using Stream blob = await fake.Repository().OpenBlobAsync(Describe(Blob), stop.Token);
        await blob.ReadExactlyAsync(new byte[1000], stop.Token);
        Task<int> reading = blob.ReadAsync(new byte[1], stop.Token).AsTask();
        await stop.CancelAsync();
        OperationCanceledException cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(2, fake.Asked.Count);
    }

    private static async Task<byte[]> ReadAsync(FakeRegistry fake, int retries = 3)
    {
        await using Stream blob = await fake.Repository(retries: retries).OpenBlobAsync(Describe(Blob));
        using var all = new MemoryStream();
        await blob.CopyToAsync(all);
        return all.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static HttpResponseMessage Encoded(HttpResponseMessage response, string coding = "gzip")
    {
        Assert.True(response.Content.Headers.TryAddWithoutValidation("Content-Encoding", coding));
        return response;
    }

    private static HttpResponseMessage Part(HttpRequestMessage request, int bytes = int.MaxValue, BrokenBody.End end = BrokenBody.End.Early)
    {
        int from = (int)request.Headers.Range!.Ranges.Single().From!.Value;
        int until = (int)Math.Min(Blob.Length, from + (long)bytes);
        HttpResponseMessage response = Stream(new BrokenBody(Blob[from..until], end), 206);
        response.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, Blob.Length - 1, Blob.Length);
        return response;
    }

    private static HttpResponseMessage Partial(byte[] bytes, long from) => new(HttpStatusCode.PartialContent)
    {
        Content = new ByteArrayContent(bytes) { Headers = { ContentRange = new ContentRangeHeaderValue(from, Blob.Length - 1, Blob.Length) } },
    };
}
