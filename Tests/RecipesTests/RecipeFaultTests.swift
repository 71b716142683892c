import Recipes
import Testing

@Suite struct RecipeFaultTests {
    @Test(
        arguments: [
            (
                "  - prune: {maxtoprune: 2, goal: budget}",
                """
                road.yaml:4:13: error: unknown option 'maxtoprune' of 'prune' [unknown-option]
                4 |   - prune: {maxtoprune: 2, goal: budget}
                  |             ^~~~~~~~~~
                  = help: did you mean 'MaxToPrune'? known: criterion, MaxToPrune, LearnablesIncrement, \
                minimumFraction, goal, LayerNames, retrain, teacher

                """
            ),
            (
                "  - prune: {MaxToPrune: four, goal: budget}",
                """
                road.yaml:4:25: error: 'MaxToPrune' must be a whole number from 1 to 1000, found 'four' [wrong-type]
                4 |   - prune: {MaxToPrune: four, goal: budget}
                  |                         ^~~~

                """
            ),
            (
                "  - prune: {MaxToPrune: 0, goal: budget, retrain: {InitialLearnRate: 0}}",
                """
                road.yaml:4:25: error: 'MaxToPrune' must be a whole number from 1 to 1000, found 0 [out-of-range]
                4 |   - prune: {MaxToPrune: 0, goal: budget, retrain: {InitialLearnRate: 0}}
                  |                         ^
                road.yaml:4:70: error: 'InitialLearnRate' must be a number above 0, found 0 [out-of-range]
                4 |   - prune: {MaxToPrune: 0, goal: budget, retrain: {InitialLearnRate: 0}}
                  |                                                                      ^

                """
            ),
            (
                "  - prune: {goal: {memory: 4}}",
                """
                road.yaml:4:28: error: 'memory' needs a unit: B, KB, KiB, MB, MiB, GB or GiB, found 4 [missing-unit]
                4 |   - prune: {goal: {memory: 4}}
                  |                            ^
                  = help: write '4 KiB' if kibibytes are meant

                """
            ),
            (
                "  - prune: {goal: {reduction: 30}}",
                """
                road.yaml:4:31: error: 'reduction' must be a proportion, found 30 without a unit [missing-unit]
                4 |   - prune: {goal: {reduction: 30}}
                  |                               ^~
                  = help: write 0.3 or 30 %

                """
            ),
            (
                "  - prune: {goal: {reduction: 130 %}}",
                """
                road.yaml:4:31: error: 'reduction' must be a proportion from 0 to 1, such as 0.75 or 75 %, \
                found 130 % [out-of-range]
                4 |   - prune: {goal: {reduction: 130 %}}
                  |                               ^~~~~

                """
            ),
            (
                "  - prune: {goal: {memory: 4 KiB, reduction: 0.3}}",
                """
                road.yaml:4:35: error: 'memory' and 'reduction' of 'goal' exclude each other [conflicting-options]
                4 |   - prune: {goal: {memory: 4 KiB, reduction: 0.3}}
                  |                                   ^~~~~~~~~
                  = help: keep one of them
                road.yaml:4:20: note: 'memory' stands here

                """
            ),
            (
                "  - prune: {goal: {}}",
                """
                road.yaml:4:19: error: 'goal' needs one of 'totalParameters', 'reduction', 'memory' [missing-option]
                4 |   - prune: {goal: {}}
                  |                   ^~

                """
            ),
            (
                "  - prune: {goal: 3}",
                """
                road.yaml:4:19: error: 'goal' must be 'budget', or a mapping with 'totalParameters', 'reduction' or \
                'memory', found the number 3 [wrong-type]
                4 |   - prune: {goal: 3}
                  |                   ^

                """
            ),
            (
                "  - prune: {goal: bugdet}",
                """
                road.yaml:4:19: error: unknown goal 'bugdet' [unknown-value]
                4 |   - prune: {goal: bugdet}
                  |                   ^~~~~~
                  = help: did you mean 'budget'? known: budget, or a mapping with 'totalParameters', 'reduction' or \
                'memory'

                """
            ),
            (
                "  - prune: {goal: 40 %}",
                """
                road.yaml:4:19: error: unknown goal '40 %' [unknown-value]
                4 |   - prune: {goal: 40 %}
                  |                   ^~~~
                  = help: known: budget, or a mapping with 'totalParameters', 'reduction' or 'memory'

                """
            ),
            (
                "  - prune: {MaxToPrune: 2}",
                """
                road.yaml:4:13: error: 'prune' needs 'goal' [missing-option]
                4 |   - prune: {MaxToPrune: 2}
                  |             ^~~~~~~~~~
                  = help: 'goal' is when to stop

                """
            ),
            (
                "  - load",
                """
                road.yaml:4:5: error: 'load' needs 'network' [missing-option]
                4 |   - load
                  |     ^~~~
                  = help: 'network' is the file of the network

                """
            ),
            (
                "  - load:\n      network: 12\n      channels: z",
                """
                road.yaml:5:16: error: 'network' must be a path, found the number 12 [wrong-type]
                5 |       network: 12
                  |                ^~
                  = help: to give text, write "12"
                road.yaml:6:17: error: 'channels' must be a list of at least 1, found 'z' [wrong-type]
                6 |       channels: z
                  |                 ^

                """
            ),
            (
                "  - evaluate: {verbose: yes, metrics: [acuracy]}",
                """
                road.yaml:4:25: error: 'verbose' must be true or false, found 'yes' [wrong-type]
                4 |   - evaluate: {verbose: yes, metrics: [acuracy]}
                  |                         ^~~
                road.yaml:4:40: error: unknown metrics 'acuracy' [unknown-value]
                4 |   - evaluate: {verbose: yes, metrics: [acuracy]}
                  |                                        ^~~~~~~
                  = help: did you mean 'accuracy'? known: accuracy, confusion

                """
            ),
            (
                "  - evaluate: {require: {memory: \"<= 512\", accuracy: \">= 4 KiB\"}}",
                """
                road.yaml:4:34: error: a bound on 'memory' needs a unit: B, KB, KiB, MB, MiB, GB or GiB, found '512' \
                [missing-unit]
                4 |   - evaluate: {require: {memory: "<= 512", accuracy: ">= 4 KiB"}}
                  |                                  ^~~~~~~~
                road.yaml:4:54: error: a bound on 'accuracy' cannot be a memory size, found '4 KiB' [wrong-type]
                4 |   - evaluate: {require: {memory: "<= 512", accuracy: ">= 4 KiB"}}
                  |                                                      ^~~~~~~~~~

                """
            ),
            (
                "  - evaluate: {require: {accuracy: \"0.92\"}}",
                """
                road.yaml:4:36: error: the requirement '0.92' has no comparison, expected >=, <=, ==, > or < [requirement]
                4 |   - evaluate: {require: {accuracy: "0.92"}}
                  |                                    ^~~~~~
                  = help: write it like '>= 0.92', '<= 0.5 KiB' or '>= load - 1 points'

                """
            ),
        ])
    func `A fault of an option is told with what was expected`(stages: String, message: String) {
        let (recipe, faults) = SampleKinds.read(SampleKinds.recipe(stages))
        #expect(recipe == nil)
        #expect(faults == message)
    }

    @Test(
        arguments: [
            (
                "  - prun: {goal: budget}",
                """
                road.yaml:4:5: error: unknown stage kind 'prun' [unknown-kind]
                4 |   - prun: {goal: budget}
                  |     ^~~~
                  = help: did you mean 'prune'? known: load, prune, project, evaluate

                """
            ),
            (
                "  - evaluate:\n    id: test\n    needs: []\n    metricz: accuracy",
                """
                road.yaml:5:5: error: 'id' stands beside 'evaluate', it belongs under it [misplaced-key]
                5 |     id: test
                  |     ^~
                  = help: indent it further than 'evaluate'
                road.yaml:6:5: error: 'needs' stands beside 'evaluate', it belongs under it [misplaced-key]
                6 |     needs: []
                  |     ^~~~~
                  = help: indent it further than 'evaluate'
                road.yaml:7:5: error: unknown option 'metricz' beside 'evaluate' [unknown-option]
                7 |     metricz: accuracy
                  |     ^~~~~~~
                  = help: did you mean 'metrics'? known: id, needs, metrics, require, against, verbose

                """
            ),
            (
                "  - load: {network: a}\n    prune: {goal: budget}",
                """
                road.yaml:5:5: error: 'prune' stands in the item of 'load', expected one stage in an item [stage-item]
                5 |     prune: {goal: budget}
                  |     ^~~~~
                  = help: begin a new item with '- prune:'

                """
            ),
            (
                "  - [load]\n  - {id: a}\n  - 4",
                """
                road.yaml:4:5: error: a stage must be a kind with its options, found a list [stage-item]
                4 |   - [load]
                  |     ^~~~~~
                  = help: write it like '- prune: {MaxToPrune: 2}'
                road.yaml:5:6: error: 'id' stands without a stage kind [stage-item]
                5 |   - {id: a}
                  |      ^~
                  = help: write it under a kind, like '- prune: {id: ...}'
                road.yaml:6:5: error: a stage must be a kind with its options, found the number 4 [stage-item]
                6 |   - 4
                  |     ^
                  = help: write it like '- prune: {MaxToPrune: 2}'

                """
            ),
            (
                "  - evaluate\n  - evaluate",
                """
                road.yaml:5:5: error: two stages have the id 'evaluate' [duplicate-stage]
                5 |   - evaluate
                  |     ^~~~~~~~
                  = help: give one of them an id of its own, like 'id: evaluate-2' under its kind
                road.yaml:4:5: note: the first one stands here

                """
            ),
            (
                "  - evaluate: {id: budget}",
                """
                road.yaml:4:20: error: the id 'budget' is a key of the recipe itself [duplicate-stage]
                4 |   - evaluate: {id: budget}
                  |                    ^~~~~~
                  = help: give the stage another id

                """
            ),
            (
                "  - load: {network: a}\n  - evaluate: {needs: [lod, load, load], against: prune}",
                """
                road.yaml:5:24: error: unknown stage 'lod' [unknown-stage]
                5 |   - evaluate: {needs: [lod, load, load], against: prune}
                  |                        ^~~
                  = help: did you mean 'load'? known: load, evaluate
                road.yaml:5:35: error: 'needs' names 'load' twice [duplicate-key]
                5 |   - evaluate: {needs: [lod, load, load], against: prune}
                  |                                   ^~~~
                road.yaml:5:51: error: unknown stage 'prune' [unknown-stage]
                5 |   - evaluate: {needs: [lod, load, load], against: prune}
                  |                                                   ^~~~~
                  = help: known: load, evaluate

                """
            ),
            (
                "  - load: {network: a}\n  - evaluate: {require: {accuracy: \">= lode - 1 points\"}}",
                """
                road.yaml:5:36: error: unknown stage 'lode' [unknown-stage]
                5 |   - evaluate: {require: {accuracy: ">= lode - 1 points"}}
                  |                                    ^~~~~~~~~~~~~~~~~~~~
                  = help: known: load, evaluate

                """
            ),
            (
                "  - load: {network: a}\n  - prune: {needs: [load, project], goal: budget}\n"
                    + "  - project: {goal: budget}",
                """
                road.yaml:5:27: error: stages need each other in a circle: prune -> project -> prune [stage-cycle]
                5 |   - prune: {needs: [load, project], goal: budget}
                  |                           ^~~~~~~
                  = help: take one of them out of 'needs'

                """
            ),
            (
                "  - evaluate: {needs: evaluate}\n  - evaluate: {id: b, against: c, needs: []}\n"
                    + "  - evaluate: {id: c, needs: b}",
                """
                road.yaml:4:23: error: stages need each other in a circle: evaluate -> evaluate [stage-cycle]
                4 |   - evaluate: {needs: evaluate}
                  |                       ^~~~~~~~
                  = help: take one of them out of 'needs'
                road.yaml:5:32: error: stages need each other in a circle: b -> c -> b [stage-cycle]
                5 |   - evaluate: {id: b, against: c, needs: []}
                  |                                ^
                  = help: let 'against' name another stage

                """
            ),
        ])
    func `A fault of the stages is told`(stages: String, message: String) {
        let (recipe, faults) = SampleKinds.read(SampleKinds.recipe(stages))
        #expect(recipe == nil)
        #expect(faults == message)
    }

    @Test(
        arguments: [
            (
                "- load",
                """
                road.yaml:1:1: error: a recipe must be a mapping with 'version', 'name' and 'stages', found a list \
                [wrong-type]
                1 | - load
                  | ^~~~~~

                """
            ),
            (
                "version: 2\nname: road damage\nstage: [evaluate]\nseed: -1\n",
                """
                road.yaml:1:10: error: 'version' must be 1, found 2 [out-of-range]
                1 | version: 2
                  |          ^
                road.yaml:2:7: error: 'name' must be a name of letters, digits, '-' and '_' that begins with a letter, \
                found 'road damage' [wrong-type]
                2 | name: road damage
                  |       ^~~~~~~~~~~
                road.yaml:3:1: error: unknown option 'stage' of 'recipe' [unknown-option]
                3 | stage: [evaluate]
                  | ^~~~~
                  = help: did you mean 'stages'? known: version, name, description, seed, budget, stages, sweep
                road.yaml:4:7: error: 'seed' must be a whole number of at least 0, found -1 [out-of-range]
                4 | seed: -1
                  |       ^~

                """
            ),
            (
                "version: 1\nname: a\n",
                """
                road.yaml:1:1: error: 'recipe' needs 'stages' [missing-option]
                1 | version: 1
                  | ^~~~~~~
                  = help: 'stages' is the list of the stages

                """
            ),
            (
                "version: 1\nname: a\nstages: []\n",
                """
                road.yaml:3:9: error: 'stages' must be a list of at least one stage, found an empty list [wrong-type]
                3 | stages: []
                  |         ^~

                """
            ),
        ])
    func `A fault of the top level is told`(text: String, message: String) {
        let (recipe, faults) = SampleKinds.read(text)
        #expect(recipe == nil)
        #expect(faults == message)
    }

    @Test func `Faults of a sweep are told`() {
        let (_, faults) = SampleKinds.read(
            SampleKinds.recipe("  - prune: {goal: budget}") + """
                sweep:
                  parameters:
                    prune.MaxToPrune: [1, many]
                    prune.maxprune: [1]
                    prune: [1]
                    prun.goal: []
                    name.x: [1]
                  objective: {maximize: accuracy, minimize: prne.memory}
                """)
        #expect(
            faults == """
                road.yaml:7:27: error: 'prune.MaxToPrune' must be a whole number from 1 to 1000, found 'many' [wrong-type]
                7 |     prune.MaxToPrune: [1, many]
                  |                           ^~~~
                road.yaml:8:5: error: unknown option 'maxprune' in the path 'prune.maxprune' [unknown-option]
                8 |     prune.maxprune: [1]
                  |     ^~~~~~~~~~~~~~
                  = help: did you mean 'MaxToPrune'? known: criterion, MaxToPrune, LearnablesIncrement, \
                minimumFraction, goal, LayerNames, retrain, teacher
                road.yaml:9:5: error: 'prune' is a stage, expected the path of an option [wrong-type]
                9 |     prune: [1]
                  |     ^~~~~
                  = help: name an option of the stage, like 'prune.OPTION'
                road.yaml:10:5: error: unknown stage or key 'prun' in the path 'prun.goal' [unknown-option]
                10 |     prun.goal: []
                   |     ^~~~~~~~~
                   = help: did you mean 'prune'? known: prune, description, seed, budget
                road.yaml:10:16: error: 'prun.goal' must be a list of at least 1, found an empty list [wrong-type]
                10 |     prun.goal: []
                   |                ^~
                road.yaml:11:5: error: unknown stage or key 'name' in the path 'name.x' [unknown-option]
                11 |     name.x: [1]
                   |     ^~~~~~
                   = help: known: prune, description, seed, budget
                road.yaml:12:25: error: 'accuracy' names no result, expected a path such as evaluate.accuracy [wrong-type]
                12 |   objective: {maximize: accuracy, minimize: prne.memory}
                   |                         ^~~~~~~~
                road.yaml:12:35: error: 'maximize' and 'minimize' of 'objective' exclude each other [conflicting-options]
                12 |   objective: {maximize: accuracy, minimize: prne.memory}
                   |                                   ^~~~~~~~
                   = help: keep one of them
                road.yaml:12:15: note: 'maximize' stands here
                road.yaml:12:45: error: unknown stage 'prne' [unknown-stage]
                12 |   objective: {maximize: accuracy, minimize: prne.memory}
                   |                                             ^~~~~~~~~~~
                   = help: did you mean 'prune'? known: prune

                """)
    }

    @Test(
        arguments: [
            (
                "prune.MaxToPrune=four",
                """
                --set:1:18: error: 'MaxToPrune' must be a whole number from 1 to 1000, found 'four' [wrong-type]
                1 | prune.MaxToPrune=four
                  |                  ^~~~

                """
            ),
            (
                "prune.maxtoprune=4",
                """
                --set:1:7: error: unknown option 'maxtoprune' of 'prune' [unknown-option]
                1 | prune.maxtoprune=4
                  |       ^~~~~~~~~~
                  = help: did you mean 'MaxToPrune'? known: criterion, MaxToPrune, LearnablesIncrement, \
                minimumFraction, goal, LayerNames, retrain, teacher

                """
            ),
            (
                "prun.MaxToPrune=4",
                """
                --set:1:1: error: unknown stage or key 'prun' [override]
                1 | prun.MaxToPrune=4
                  | ^~~~
                  = help: did you mean 'prune'? known: prune, version, name, description, seed, budget, sweep

                """
            ),
            (
                "prune=4",
                """
                --set:1:1: error: 'prune' is a stage, expected one of its options [override]
                1 | prune=4
                  | ^~~~~
                  = help: write it like 'prune.OPTION=VALUE'

                """
            ),
            (
                "seed",
                """
                --set:1:1: error: 'seed' sets no value, expected PATH=VALUE [override]
                1 | seed
                  | ^~~~
                  = help: write it like 'prune.MaxToPrune=4'

                """
            ),
            (
                "seed=",
                """
                --set:1:1: error: 'seed=' sets no value, expected PATH=VALUE [override]
                1 | seed=
                  | ^~~~~
                  = help: write it like 'prune.MaxToPrune=4'

                """
            ),
            (
                "prune..goal=1",
                """
                --set:1:1: error: 'prune..goal=1' has no path, expected PATH=VALUE [override]
                1 | prune..goal=1
                  | ^~~~~~~~~~~~~
                  = help: write it like 'prune.MaxToPrune=4'

                """
            ),
            (
                "prune.LayerNames.0=fc",
                """
                --set:1:18: error: '0' would be part of a list, which has no keys [override]
                1 | prune.LayerNames.0=fc
                  |                  ^
                  = help: set the list as a whole, like 'load.channels=[x, z]'

                """
            ),
            (
                "prune.goal=[1",
                """
                --set:1:14: error: invalid YAML: did not find expected ',' or ']' while parsing a flow sequence \
                [yaml-syntax]
                1 | prune.goal=[1
                  |              ^
                --set:1:12: note: it began here

                """
            ),
        ])
    func `A fault of an override is told on the command line`(set: String, message: String) {
        let (recipe, faults) = SampleKinds.read(
            SampleKinds.recipe("  - prune: {goal: budget, LayerNames: [a]}"), set: [set])
        #expect(recipe == nil)
        #expect(faults == message)
    }

    @Test func `Several faults are told at once, in the order of the file, each once`() {
        let (recipe, faults) = SampleKinds.read(
            """
            version: 1
            name: road
            stages:
              - load: {netwrok: a}
              - prune:
                  goal: {memory: 4}
                  retrain: &retrain {solver: adan}
              - project:
                  goal: budget
                  goal: budget
                  retrain: *retrain
              - evaluate: {needs: projct}
            """)
        #expect(recipe == nil)
        #expect(
            faults == """
                road.yaml:4:12: error: unknown option 'netwrok' of 'load' [unknown-option]
                4 |   - load: {netwrok: a}
                  |            ^~~~~~~
                  = help: did you mean 'network'? known: network, data, channels
                road.yaml:6:22: error: 'memory' needs a unit: B, KB, KiB, MB, MiB, GB or GiB, found 4 [missing-unit]
                6 |       goal: {memory: 4}
                  |                      ^
                  = help: write '4 KiB' if kibibytes are meant
                road.yaml:7:34: error: unknown solver 'adan' [unknown-value]
                7 |       retrain: &retrain {solver: adan}
                  |                                  ^~~~
                  = help: did you mean 'adam'? known: adam, sgdm
                road.yaml:10:7: error: key 'goal' stands twice in this mapping [duplicate-key]
                10 |       goal: budget
                   |       ^~~~
                   = help: keep one of the two
                road.yaml:9:7: note: it stands here first
                road.yaml:12:23: error: unknown stage 'projct' [unknown-stage]
                12 |   - evaluate: {needs: projct}
                   |                       ^~~~~~
                   = help: did you mean 'project'? known: load, prune, project, evaluate

                """)
    }
}
