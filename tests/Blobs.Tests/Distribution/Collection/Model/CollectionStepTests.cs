using System.Text.RegularExpressions;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>A reader can hold the model against the code: both call the steps of the protocol by the same names.</summary>
public sealed class CollectionStepTests
{
    // What hosts and collectors do is in these two rooms.
    private static readonly string Code = string.Join('\n', ((string[])["Storage", "Collection"])
        .SelectMany(room => Repository.Sources($"src/Blobs.Distribution/{room}"))
        .Select(source => source.Text));

    [Theory]
    [InlineData(typeof(OneRepository.HostAt))]
    [InlineData(typeof(OneRepository.CollectorAt))]
    [InlineData(typeof(Scenarios.HostAt))]
    [InlineData(typeof(Scenarios.CollectorAt))]
    public void Every_place_in_the_model_is_named_after_a_step(Type places) => Assert.Equal(
        [],
        Enum.GetNames(places)
            .Except(["Idle", "Done", "Absent", "PutTakesBack"])
            .Where(name => PlaceNames.StepOf(name) is null));

    [Fact]
    public void The_code_calls_every_step_as_the_model_does() => Assert.Equal(
        [],
        Enum.GetNames<CollectionStep>()
            .Where(step => !Regex.IsMatch(Code, $@"\b{step}(Async)?\b", RegexOptions.IgnoreCase)));
}
