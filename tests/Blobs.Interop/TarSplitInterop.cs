using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>Debian's tar-split 0.11.2 reads what we record, we read what it records, and both record the same.</summary>
public sealed class TarSplitInterop
{
    public static TheoryData<string> Archives => [.. GeneratedArchives.Names];

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task Both_record_the_same_and_rebuild_from_each_others_recording(string name)
    {
        string oracle = Oracle.Need("tar-split");
        await using var temporary = new TemporaryRoot();
        string archive = await GeneratedArchives.WriteAsync(temporary, name);
        string original = Sha256Text.OfFile(archive);

        string theirs = temporary["theirs.json.gz"];
        await new Command(oracle, "disasm", "--output", theirs, archive).SucceedAsync();
        string ours = temporary["ours.json.gz"];
        CommandResult passedOn = await BlobsCommand.With("tar-split", "disasm", "--output", ours, archive).SucceedAsync();

        Assert.Equal(original, Sha256Text.Of(passedOn.Output));
        Assert.Equal(TarSplitStream.Read(theirs).Lines, TarSplitStream.Read(ours).Lines);

        string tree = temporary.Folder("tree");
        string? uncovered = PayloadTree.Write(TarSplitStream.Read(ours), File.ReadAllBytes(archive), tree);
        Assert.True(uncovered is null, $"{name}: {uncovered}");

        string theirTar = temporary["theirs.tar"];
        await new Command(oracle, "asm", "--input", ours, "--path", tree, "--output", theirTar).SucceedAsync();
        Assert.Equal(original, Sha256Text.OfFile(theirTar));

        string ourTar = temporary["ours.tar"];
        await BlobsCommand.With("tar-split", "asm", "--input", theirs, "--path", tree, "--output", ourTar).SucceedAsync();
        Assert.Equal(original, Sha256Text.OfFile(ourTar));
    }

    [Fact]
    public async Task No_stdout_only_records()
    {
        await using var temporary = new TemporaryRoot();
        string archive = LayerFiles.Write(temporary, "base.tar", BaseLayer.Build());
        string recording = temporary["recording.json.gz"];
        CommandResult result =
            await BlobsCommand.With("tar-split", "disasm", "--no-stdout", "--output", recording, archive).SucceedAsync();
        Assert.Empty(result.Output);
        Assert.NotEmpty(TarSplitStream.Read(recording).Lines);
    }

    public static TheoryData<string> Unreadable => [.. UnreadableArchives.Names];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task Content_that_no_tree_gives_back_is_in_the_recording_itself(string name)
    {
        // The original tool records these too, and then rebuilds another archive or none at all.
        await using var temporary = new TemporaryRoot();
        string archive = await UnreadableArchives.WriteAsync(temporary, name);
        string recording = temporary["recording.json.gz"];
        await BlobsCommand.With("tar-split", "disasm", "--no-stdout", "--output", recording, archive).SucceedAsync();

        string tree = temporary.Folder("tree");
        string? uncovered = PayloadTree.Write(TarSplitStream.Read(recording), File.ReadAllBytes(archive), tree);
        Assert.True(uncovered is null, $"{name}: {uncovered}");
        foreach (string program in new[] { BlobsCommand.Path, Oracle.Need("tar-split") })
        {
            string rebuilt = temporary["rebuilt.tar"];
            string[] verb = program == BlobsCommand.Path ? ["tar-split", "asm"] : ["asm"];
            await new Command(program, [.. verb, "--input", recording, "--path", tree, "--output", rebuilt]).SucceedAsync();
            Assert.Equal(Sha256Text.OfFile(archive), Sha256Text.OfFile(rebuilt));
        }
    }
}
