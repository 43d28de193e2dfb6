using System.Buffers;
using System.Text;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Hashing;

namespace Blobs.Tests.Distribution.Storage;

/// <summary>Contract tests for every <see cref="IRegistryStorage"/>; a derived class creates the storage to test. This
/// part covers blobs and uploads.</summary>
public abstract partial class RegistryStorageContract : IAsyncLifetime
{
    private const string Repository = "some/image";
    private const string Id = "5f2a3c1e-0000-4000-8000-000000000001";

    private static readonly byte[] Content = Text("0123456789");
    private static readonly Digest Name = Digest.OfSha256(Content);

    internal IRegistryStorage Storage { get; private set; } = null!;

    private IRegistryBlobs Blobs => Storage.Blobs;

    private IRegistryUploads Uploads => Storage.Uploads;

    public async ValueTask InitializeAsync() => Storage = await CreateAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Nothing_is_there_at_first()
    {
        await Storage.ProbeAsync();
        Assert.Null(await Blobs.StatAsync(Name));
        Assert.Null(await Blobs.OpenAsync(Name));
        Assert.Null(await Blobs.ReadAsync(Name, 100));
        Assert.False(await Blobs.TouchAsync(Name));
        Assert.False(await Blobs.DeleteAsync(Name));
        Assert.Empty((await Blobs.ListAsync(default)).Items);
        Assert.Null(await Uploads.OpenAsync(Repository, Id));
        Assert.Null(await Uploads.FindAsync(Repository, Id));
        Assert.False(await Uploads.DeleteAsync(Repository, Id));
        Assert.Empty((await Uploads.ListAsync(default)).Items);
    }

    [Fact]
    public async Task A_blob_that_was_written_is_read()
    {
        await Blobs.WriteAsync(Name, Content);
        Assert.Equal(10, (await Blobs.StatAsync(Name))?.Length);
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 10))!.Value.ToArray());
        await using IStoredContent content = (await Blobs.OpenAsync(Name))!;
        Assert.Equal("0123456789", await ReadAsync(content));
    }

    [Fact]
    public async Task A_blob_that_was_written_anew_is_read_at_once()
    {
        for (int i = 0; i < 20; i++)
        {
            await Blobs.WriteAsync(Name, Text($"content {i:00}"));
            Assert.Equal($"content {i:00}", Encoding.ASCII.GetString((await Blobs.ReadAsync(Name, 100))!.Value.Span));
        }
    }

    [Fact]
    public async Task A_blob_longer_than_asked_for_is_refused()
    {
        await Blobs.WriteAsync(Name, Content);
        await Assert.ThrowsAsync<StoreException>(async () => await Blobs.ReadAsync(Name, 9));
    }

    [Fact]
    public async Task Any_part_of_a_blob_can_be_read()
    {
        await Blobs.WriteAsync(Name, Content);
        await using IStoredContent content = (await Blobs.OpenAsync(Name))!;
        var buffer = new byte[4];
        Assert.Equal(10, content.Length);
        Assert.Equal(4, await content.ReadAsync(buffer, 3));
        Assert.Equal("3456", Encoding.ASCII.GetString(buffer));
        Assert.Equal(1, await content.ReadAsync(buffer, 9));
        Assert.Equal(0, await content.ReadAsync(buffer, 10));
    }

    [Fact]
    public async Task What_was_opened_stays_readable_when_it_is_deleted()
    {
        await Blobs.WriteAsync(Name, Content);
        await using IStoredContent content = (await Blobs.OpenAsync(Name))!;
        Assert.True(await Blobs.DeleteAsync(Name));
        Assert.Equal("0123456789", await ReadAsync(content));
        Assert.Null(await Blobs.StatAsync(Name));
        Assert.False(await Blobs.DeleteAsync(Name));
    }

    [Fact]
    public async Task A_blob_has_an_age_and_can_be_made_young_again()
    {
        await Blobs.WriteAsync(Name, Content);
        DateTimeOffset written = (await Blobs.StatAsync(Name))!.Value.ChangedAt;
        Assert.InRange(written, DateTimeOffset.UtcNow - TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow + TimeSpan.FromMinutes(1));
        await AssertYoungerAsync(
            async () => Assert.True(await Blobs.TouchAsync(Name)), async () => (await Blobs.StatAsync(Name))!.Value.ChangedAt);
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 10))!.Value.ToArray());
    }

    [Fact]
    public async Task Blobs_are_listed_in_pages_in_the_order_of_their_digests()
    {
        Digest[] digests = [.. Enumerable.Range(0, 40).Select(number => Digest.OfSha256(Text($"{number}"))).Order()];
        foreach (Digest digest in digests.Reverse())
        {
            await Blobs.WriteAsync(digest, Text("x"));
        }

        foreach (int count in (int[])[1, 7, 39, 40, 41])
        {
            Assert.Equal(digests, (await PagesAsync(Blobs.ListAsync, blob => $"{blob.Digest}", count)).Select(blob => blob.Digest));
        }

        ListedBlob listed = (await Blobs.ListAsync(new RegistryPage(1, $"{digests[4]}"))).Items.Single();
        Assert.Equal(digests[5], listed.Digest);
        Assert.Equal(1, (listed.Stat ?? await Blobs.StatAsync(listed.Digest))?.Length);
        await Blobs.DeleteAsync(digests[5]);
        Assert.Equal(digests[6], (await Blobs.ListAsync(new RegistryPage(1, $"{digests[5]}"))).Items.Single().Digest);
    }

    [Fact]
    public async Task An_upload_grows_and_becomes_a_blob()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("0123")));
        await upload.AppendAsync(4, Pieces("4", "567", "89"));
        await upload.SaveAsync(default);
        Assert.Equal(10, upload.Length);
        Assert.Equal("0123456789", await ReadAsync(upload));
        Assert.Null(await Blobs.StatAsync(Name));
        Assert.True(await upload.PublishAsync(Name));
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 100))!.Value.ToArray());
        await upload.CancelAsync();
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 100))!.Value.ToArray());
        Assert.Null(await Uploads.OpenAsync(Repository, Id));
        Assert.Empty((await Uploads.ListAsync(default)).Items);
    }

    [Fact]
    public async Task An_empty_upload_becomes_an_empty_blob()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.PublishAsync(Digest.OfSha256([]));
        Assert.Equal(0, (await Blobs.StatAsync(Digest.OfSha256([])))?.Length);
    }

    [Fact]
    public async Task An_upload_is_gone_on_with_by_whoever_reads_its_state()
    {
        byte[] state = [.. "sha\u0003"u8, .. new byte[103], 4];
        await using (IStoredUpload upload = await BeginAsync())
        {
            await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("0123")));
            await upload.SaveAsync(state);
        }

        UploadProgress progress = (await Uploads.FindAsync(Repository, Id))!;
        Assert.Equal(4, progress.Length);
        Assert.Equal(new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero), progress.StartedAt);
        await using IStoredUpload resumed = (await Uploads.OpenAsync(Repository, Id))!;
        Assert.Equal(4, resumed.Length);
        Assert.Equal(state, (await resumed.ReadHashStateAsync()).ToArray());
        await resumed.AppendAsync(4, new ReadOnlySequence<byte>(Text("456789")));
        await resumed.PublishAsync(Name);
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 100))!.Value.ToArray());
    }

    [Fact]
    public async Task A_hash_state_that_nobody_saved_is_empty()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("0123")));
        await upload.SaveAsync(default);
        Assert.True((await upload.ReadHashStateAsync()).IsEmpty);
    }

    [Fact]
    public async Task Bytes_that_do_not_belong_at_the_end_are_refused()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("0123")));
        foreach (long offset in (long[])[0, 3, 5])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                async () => await upload.AppendAsync(offset, new ReadOnlySequence<byte>(Text("4"))));
        }

        Assert.Equal(4, upload.Length);
    }

    [Fact]
    public async Task Hosts_that_get_one_upload_at_once_take_turns_or_fail_without_a_trace()
    {
        await (await BeginAsync()).DisposeAsync();
        int[] saved = await Task.WhenAll(Enumerable.Range(0, 4).Select(host => Task.Run(() => AppendInTurnAsync((byte)host))));
        await using IStoredUpload upload = (await Uploads.OpenAsync(Repository, Id))!;
        string content = await ReadAsync(upload);
        Assert.Equal(saved.Sum(), upload.Length);
        Assert.Equal(saved, Enumerable.Range(0, 4).Select(host => content.Count(letter => letter == 'a' + host)));
    }

    [Fact]
    public async Task An_upload_can_be_cancelled()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Text("x")));
        await upload.CancelAsync();
        Assert.Null(await Uploads.OpenAsync(Repository, Id));
        Assert.Empty((await Uploads.ListAsync(default)).Items);
    }

    [Fact]
    public async Task An_upload_that_was_given_up_is_found_by_its_age_and_deleted()
    {
        await using (await BeginAsync())
        {
        }

        ListedUpload listed = Assert.Single((await Uploads.ListAsync(default)).Items);
        Assert.Equal(new ListedUpload(Repository, Id, new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.Zero)), listed);
        Assert.True(await Uploads.DeleteAsync(Repository, Id));
        Assert.False(await Uploads.DeleteAsync(Repository, Id));
        Assert.Empty((await Uploads.ListAsync(default)).Items);
    }

    [Fact]
    public async Task Uploads_of_all_repositories_are_listed_in_pages()
    {
        string[] names = ["a-b/1", "a/1", "a/2", "a/b/1", "a0/1"];
        foreach (string name in names.Reverse())
        {
            int slash = name.LastIndexOf('/');
            await (await Uploads.BeginAsync(name[..slash], name[(slash + 1)..], new UploadStart(DateTimeOffset.UtcNow))).DisposeAsync();
        }

        foreach (int count in (int[])[1, 2, 5, 6])
        {
            Assert.Equal(names, (await PagesAsync(Uploads.ListAsync, upload => upload.Name, count)).Select(upload => upload.Name));
        }
    }

    [Fact]
    public async Task A_finished_upload_takes_the_place_of_a_damaged_blob()
    {
        await Blobs.WriteAsync(Name, Text("damaged"));
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(0, new ReadOnlySequence<byte>(Content));
        await upload.PublishAsync(Name);
        Assert.Equal(Content, (await Blobs.ReadAsync(Name, 100))!.Value.ToArray());
    }

    internal abstract ValueTask<IRegistryStorage> CreateAsync();

    // Returns how many of the bytes were saved.
    private async Task<int> AppendInTurnAsync(byte host)
    {
        int saved = 0;
        for (int i = 0; i < 10; i++)
        {
            try
            {
                await using IStoredUpload upload = (await Uploads.OpenAsync(Repository, Id))!;
                await upload.AppendAsync(upload.Length, new ReadOnlySequence<byte>([(byte)('a' + host)]));
                await upload.SaveAsync(default);
                saved++;
            }
            catch (UploadBusyException)
            {
                // Another host was faster.
            }
        }

        return saved;
    }

    private protected static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private protected ValueTask<IStoredUpload> BeginAsync() =>
        Uploads.BeginAsync(Repository, Id, new UploadStart(new DateTimeOffset(2020, 1, 2, 4, 4, 5, 900, TimeSpan.FromHours(1))));

    // Storage clocks are coarse: repeat until the time has advanced.
    private static async Task AssertYoungerAsync(Func<Task> renew, Func<Task<DateTimeOffset>> changedAt)
    {
        DateTimeOffset before = await changedAt();
        while (await changedAt() <= before)
        {
            await renew();
        }
    }

    private static async Task<List<T>> PagesAsync<T>(
        Func<RegistryPage, CancellationToken, ValueTask<RegistryListing<T>>> list, Func<T, string> nameOf, int count)
    {
        var all = new List<T>();
        string? after = null;
        while (true)
        {
            RegistryListing<T> page = await list(new RegistryPage(count, after), CancellationToken.None);
            Assert.True(page.Items.Count <= count);
            all.AddRange(page.Items);
            if (!page.HasMore)
            {
                return all;
            }

            Assert.Equal(count, page.Items.Count);
            after = nameOf(page.Items[^1]);
        }
    }

    private static ReadOnlySequence<byte> Pieces(params string[] pieces)
    {
        var first = new Piece(Text(pieces[0]), null);
        Piece last = first;
        foreach (string piece in pieces[1..])
        {
            last = new Piece(Text(piece), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private static async Task<string> ReadAsync(IStoredContent content)
    {
        var buffer = new byte[content.Length];
        int read = await content.ReadAsync(buffer, 0);
        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.RunningIndex + before.Memory.Length;
            }
        }
    }
}
