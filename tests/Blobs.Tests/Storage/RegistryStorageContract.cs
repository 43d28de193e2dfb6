using System.Buffers;
using System.Text;
using Blobs.Errors;
using Blobs.Storage;

namespace Blobs.Tests.Storage;

/// <summary>What every storage of registries promises; each has a class that only says how to make one.</summary>
public abstract class RegistryStorageContract : IAsyncLifetime
{
    private const string Key = "repositories/some/_layers/sha256/00/link";

    internal IRegistryStorage Storage { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Storage = await CreateAsync();

    public abstract ValueTask DisposeAsync();

    [Fact]
    public async Task Nothing_is_there_at_first()
    {
        Assert.Null(await Storage.FindAsync(Key));
        Assert.Null(await Storage.OpenAsync(Key));
        Assert.Null(await Storage.ReadAsync(Key, 100));
        Assert.Empty(await Storage.ListAsync("repositories"));
        Assert.False(await Storage.DeleteAsync(Key));
        Assert.Null(await Storage.OpenUploadAsync("repositories/some/_uploads/1"));
    }

    [Fact]
    public async Task What_was_written_is_read()
    {
        await Storage.WriteAsync(Key, Text("content"));
        Assert.Equal(7, await Storage.FindAsync(Key));
        Assert.Equal("content", Text(await Storage.ReadAsync(Key, 7)));
        await using IStoredContent content = (await Storage.OpenAsync(Key))!;
        Assert.Equal("content", await ReadAsync(content));
    }

    [Fact]
    public async Task What_was_written_anew_is_read_at_once()
    {
        for (int i = 0; i < 20; i++)
        {
            await Storage.WriteAsync(Key, Text($"content {i:00}"));
            Assert.Equal($"content {i:00}", Text(await Storage.ReadAsync(Key, 100)));
        }
    }

    [Fact]
    public async Task A_file_longer_than_asked_for_is_refused()
    {
        await Storage.WriteAsync(Key, Text("content"));
        await Assert.ThrowsAsync<StoreException>(async () => await Storage.ReadAsync(Key, 6));
    }

    [Fact]
    public async Task A_folder_is_no_file()
    {
        await Storage.WriteAsync(Key, Text("content"));
        Assert.Null(await Storage.FindAsync("repositories/some"));
        Assert.Null(await Storage.ReadAsync("repositories/some", 100));
    }

    [Fact]
    public async Task Any_part_of_a_file_can_be_read()
    {
        await Storage.WriteAsync(Key, Text("0123456789"));
        await using IStoredContent content = (await Storage.OpenAsync(Key))!;
        var buffer = new byte[4];
        Assert.Equal(10, content.Length);
        Assert.Equal(4, await content.ReadAsync(buffer, 3));
        Assert.Equal("3456", Text(buffer));
        Assert.Equal(1, await content.ReadAsync(buffer, 9));
        Assert.Equal(0, await content.ReadAsync(buffer, 10));
    }

    [Fact]
    public async Task What_was_opened_stays_readable_when_it_is_deleted()
    {
        await Storage.WriteAsync(Key, Text("content"));
        await using IStoredContent content = (await Storage.OpenAsync(Key))!;
        Assert.True(await Storage.DeleteAsync(Key));
        Assert.Equal("content", await ReadAsync(content));
        Assert.Null(await Storage.FindAsync(Key));
    }

    [Fact]
    public async Task Names_are_listed_in_bytewise_order()
    {
        foreach (string name in new[] { "b/x", "a/x", "_c/x", "a-b/x", "0" })
        {
            await Storage.WriteAsync($"repositories/{name}", Text("x"));
        }

        Assert.Equal(["0", "_c", "a", "a-b", "b"], await Storage.ListAsync("repositories"));
        await Storage.WriteAsync("repositories/c", Text("x"));
        Assert.Equal(["0", "_c", "a", "a-b", "b", "c"], await Storage.ListAsync("repositories"));
    }

    [Fact]
    public async Task A_folder_is_deleted_with_everything_below()
    {
        await Storage.WriteAsync("repositories/a/b/c", Text("x"));
        await Storage.WriteAsync("repositories/a/d", Text("x"));
        Assert.True(await Storage.DeleteAsync("repositories/a"));
        Assert.Null(await Storage.FindAsync("repositories/a/b/c"));
        Assert.DoesNotContain("a", await Storage.ListAsync("repositories"));
    }

    [Fact]
    public async Task An_upload_grows_and_is_committed()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(new ReadOnlySequence<byte>(Text("one ")));
        await upload.AppendAsync(Pieces("t", "w", "o"));
        Assert.Equal(7, upload.Length);
        Assert.Equal("one two", await ReadAsync(upload));
        Assert.Null(await Storage.FindAsync("blobs/x/data"));
        await upload.CommitAsync("blobs/x/data");
        Assert.Equal("one two", Text(await Storage.ReadAsync("blobs/x/data", 100)));
        Assert.Null(await Storage.OpenUploadAsync("repositories/some/_uploads/1"));
        Assert.Empty(await Storage.ListAsync("repositories/some/_uploads"));
    }

    [Fact]
    public async Task An_upload_is_gone_on_with()
    {
        await using (IStoredUpload upload = await BeginAsync())
        {
            await upload.AppendAsync(new ReadOnlySequence<byte>(Text("one ")));
        }

        await using IStoredUpload resumed = (await Storage.OpenUploadAsync("repositories/some/_uploads/1"))!;
        Assert.Equal(4, resumed.Length);
        await resumed.AppendAsync(new ReadOnlySequence<byte>(Text("two")));
        await resumed.CommitAsync("blobs/x/data");
        Assert.Equal("one two", Text(await Storage.ReadAsync("blobs/x/data", 100)));
    }

    [Fact]
    public async Task An_upload_has_one_writer()
    {
        await using IStoredUpload upload = await BeginAsync();
        await Assert.ThrowsAsync<StoreException>(async () => await Storage.OpenUploadAsync("repositories/some/_uploads/1"));
    }

    [Fact]
    public async Task An_upload_can_be_deleted()
    {
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(new ReadOnlySequence<byte>(Text("x")));
        await upload.DeleteAsync();
        Assert.Null(await Storage.OpenUploadAsync("repositories/some/_uploads/1"));
        Assert.Empty(await Storage.ListAsync("repositories/some/_uploads"));
    }

    [Fact]
    public async Task A_commit_replaces_what_was_there()
    {
        await Storage.WriteAsync("blobs/x/data", Text("damaged"));
        await using IStoredUpload upload = await BeginAsync();
        await upload.AppendAsync(new ReadOnlySequence<byte>(Text("whole")));
        await upload.CommitAsync("blobs/x/data");
        Assert.Equal("whole", Text(await Storage.ReadAsync("blobs/x/data", 100)));
    }

    [Fact]
    public async Task An_upload_says_since_when_it_is()
    {
        await using IStoredUpload upload = await BeginAsync();
        Assert.Equal("2020-01-02T03:04:05Z", Text(await Storage.ReadAsync("repositories/some/_uploads/1/startedat", 100)));
    }

    internal abstract ValueTask<IRegistryStorage> CreateAsync();

    private protected static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private protected static string Text(ReadOnlyMemory<byte>? bytes) => Encoding.ASCII.GetString(bytes!.Value.Span);

    private static string Text(byte[] bytes) => Encoding.ASCII.GetString(bytes);

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
        return Text(buffer[..read]);
    }

    private ValueTask<IStoredUpload> BeginAsync() => Storage.CreateUploadAsync(
        "repositories/some/_uploads/1", new DateTimeOffset(2020, 1, 2, 4, 4, 5, 900, TimeSpan.FromHours(1)));

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
