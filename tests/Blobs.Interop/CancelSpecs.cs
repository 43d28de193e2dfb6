using System.Net;
using System.Net.Sockets;
using Blobs.Interop.Inputs;

namespace Blobs.Interop;

/// <summary>After Ctrl-C each verb says what is left of its work, and that is so.</summary>
public sealed class CancelSpecs
{
    private const string Removed = "names and images already removed stay removed; the next change to the root removes layers that only they needed";

    [Theory]
    [InlineData("ingest FILE", "the layer was not stored")]
    [InlineData("ingest FILE --keep-blob", "the layer was not stored; its blob is kept if it was complete")]
    [InlineData("load FILE", "images already loaded are kept; nothing of the others is")]
    [InlineData("pull 127.0.0.1:1/a", "complete layers with complete parents are kept, and the next pull does not fetch them again")]
    [InlineData("rmi a", Removed)]
    [InlineData("rm box", "containers already removed stay removed; the others are unchanged")]
    [InlineData("layer prune", "layers already removed stay removed; the others are unchanged")]
    [InlineData("layer prune --dry-run", "nothing was removed")]
    [InlineData("tag a b", "no name was given")]
    [InlineData("add --from a FILE:/", "no image was made")]
    [InlineData("commit box", "no image was made")]
    [InlineData("create a", "no container was made")]
    [InlineData("mount box", "nothing was mounted")]
    [InlineData("umount box", "nothing was unmounted")]
    public async Task A_verb_that_waits_for_another_says_what_is_left(string call, string said)
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        byte[] tar = BaseLayer.Build();
        string layer = LayerFiles.Write(temporary, "layer.tar", tar);
        await using RunningCommand first = RunningCommand.Start("ingest", "-", "--root", root);
        await first.FeedAsync(tar.AsMemory(0, 2000));
        await first.UntilAsync(() => Directory.Exists(Path.Combine(root, "image", "overlay2", "layerdb", "tmp")));
        await using RunningCommand second = RunningCommand.Start(["--root", root, .. call.Replace("FILE", layer, StringComparison.Ordinal).Split(' ')]);
        await second.UntilSaidAsync(": waiting");
        await second.InterruptAsync();
        CommandResult result = (await second.EndByItselfAsync()).Expect(1);
        Assert.Equal($"blobs: cancelled: {said}", result.Talk[^1]);
    }

    [Fact]
    public async Task A_pull_that_the_registry_keeps_waiting_ends_at_once()
    {
        await using var temporary = new TemporaryRoot();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Task<Socket> called = silent.AcceptSocketAsync();
        await using RunningCommand pull = RunningCommand.Start(
            "pull", $"{silent.LocalEndpoint}/a", "--plain-http", "--keep-blob", "--root", temporary["root"]);
        using Socket socket = await called;
        await pull.InterruptAsync();
        CommandResult result = (await pull.EndByItselfAsync()).Expect(1);
        Assert.EndsWith("does not fetch them again; it resumes the others where this one stopped", result.Talk[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_that_is_cancelled_keeps_nothing_of_its_image()
    {
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        string layer = LayerFiles.Write(temporary, "layer.tar", BaseLayer.Build());
        DockerArchive.Write(temporary["image.tar"], "odd:1", [layer], "/bin/sh");
        byte[] archive = await File.ReadAllBytesAsync(temporary["image.tar"]);
        await using RunningCommand load = RunningCommand.Start("load", "-", "--root", root);
        await load.FeedAsync(archive.AsMemory(0, archive.Length - 2048));
        await load.UntilAsync(() => Directory.Exists(root));
        await load.InterruptAsync();
        CommandResult result = (await load.EndByItselfAsync()).Expect(1);
        Assert.Equal("blobs: cancelled: images already loaded are kept; nothing of the others is", result.Talk[^1]);
        Assert.False(Directory.Exists(Path.Combine(root, "image/overlay2/layerdb/sha256"))
            && Directory.GetDirectories(Path.Combine(root, "image/overlay2/layerdb/sha256")).Length > 0);
    }

    [Fact]
    public async Task Serve_ends_without_a_word_of_what_was_kept()
    {
        await using var temporary = new TemporaryRoot();
        await using RunningCommand serve = RunningCommand.Start("serve", "--store", temporary["store"], "--listen", "127.0.0.1:0");
        await serve.UntilSaidAsync("listening on");
        await serve.InterruptAsync();
        CommandResult result = (await serve.EndByItselfAsync()).Expect(0);
        Assert.EndsWith("stopping: waiting for requests in flight", result.Talk[^1], StringComparison.Ordinal);
    }
}
